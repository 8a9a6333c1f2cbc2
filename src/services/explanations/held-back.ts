import { type ExplanationContent, toExplanation } from '../../ml/explain/explanation.js';
import { cents, clamp } from '../../math.js';

/** What bounds leave of an explanation. Money in currency. */
interface WithinBounds {
  readonly own: number;
  readonly baseline: number;
  /** What amounts are multiplied by. */
  readonly share: number;
}

/**
 * Nobody is expected to spend less than nothing, whatever a regression says, or more than is credible: what a bound holds
 * back of the difference between the customer and the typical one, it holds back of every reason alike.
 * @param most what bounds this customer besides, but not the typical one. What it holds back below that one is no reason's share:
 *   see `asOverLonger`
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
 * Of a customer of whom a bound expects less than of the typical one, the reasons over this horizon say something else: those over
 * the longer one, which the bound is of, say why. They are scaled down to this horizon's difference, and stay away where they
 * point the other way.
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
