/** Operators that compute each element from the elements at the same place, with broadcasting. */
const ELEMENTWISE: ReadonlySet<string> = new Set(
  (
    'Neg Abs Sign Exp Log Sqrt Sin Cos Reciprocal Sigmoid Tanh Relu Floor Erf Not Cast ' +
    'Add Sub Mul Div Max Min Pow And Or Where Equal Greater GreaterOrEqual Less LessOrEqual'
  ).split(' '),
);

export function isElementwise(op: string): boolean {
  return ELEMENTWISE.has(op);
}
