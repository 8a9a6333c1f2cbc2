/** Operators that compute each element from the elements at the same place, with broadcasting. */
const elementwise: ReadonlySet<string> = new Set(
  (
    'Neg Abs Exp Log Sqrt Cos Reciprocal Sigmoid Tanh Relu Erf Cast ' +
    'Add Sub Mul Div Max Min And Where Equal Greater GreaterOrEqual LessOrEqual'
  ).split(' '),
);

export function isElementwise(op: string): boolean {
  return elementwise.has(op);
}
