import { type ExplanationContent, toExplanation } from '../../ml/explain/explanation.js';
import { cents, clamp } from '../../math.js';

/** An explanation within bounds. Money in currency. */
interface WithinBounds {
  readonly own: number;
  readonly baseline: number;
  /** Factor of the amounts. */
  readonly share: number;
}

/**
 * Bounds values to between 0 and the largest credible one. If a bound reduces the difference between the customer and the typical one, all
 * reasons are scaled down in proportion.
 * @param most a further bound of this customer, but not of the typical one. If it is below the latter, reasons cannot be scaled to it: see
 *   `asOverLonger`
 */
export function withinBounds(
  { own, typical }: { readonly own: number; readonly typical: number },
  largestValue: number,
  most = Infinity,
): WithinBounds {
  const bounded = (value: number): number => clamp(value, 0, largestValue);
  const [within, baseline] = [Math.min(bounded(own), most), bounded(typical)];
  return { own: within, baseline, share: own === typical ? 1 : clamp((within - baseline) / (own - typical), 0, 1) };
}

/**
 * For a customer whose bound is below the typical customer's value, so that the reasons over this horizon do not explain the difference.
 * Those over the longer horizon, which the bound comes from, do. They are scaled to this horizon's difference, or left out if they point
 * the other way.
 */
export function asOverLonger(content: ExplanationContent, longer: ExplanationContent): ExplanationContent {
  const { predicted, baseline } = content;
  const share = clamp((predicted - baseline) / (longer.predicted - longer.baseline), 0, 1);
  if (!(share > 0)) return content;
  const reasons = new Map(longer.contributions.map((reason) => [reason.group, reason]));
  return toExplanation({
    ...content,
    amounts: scaled(new Map([...reasons].map(([group, { amount }]) => [group, amount])), share),
    describe: (group) => reasons.get(group)!,
    tokens: longer.tokens.map((token) => ({ ...token, amount: cents(token.amount * share) })),
    completenessError: longer.completenessError,
  });
}

export function scaled<Key>(amounts: ReadonlyMap<Key, number>, factor: number): Map<Key, number> {
  return new Map([...amounts].map(([key, amount]) => [key, amount * factor]));
}
