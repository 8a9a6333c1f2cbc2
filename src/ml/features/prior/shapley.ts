import type { RfmSummary } from './rfm-summary.js';

/** The inputs in the order of a coalition's bits, lowest first. How regular the purchases are goes with their number. */
export const inputNames = ['frequency', 'recency', 'age', 'monetary', 'firstValue'] as const;
export type PriorInput = (typeof inputNames)[number];
export type InputShares = Record<PriorInput, number>;
/** Shapley weight of a coalition of that size among the other four inputs: size! * (4 - size)! / 5!. */
const weights = [1 / 5, 1 / 20, 1 / 30, 1 / 20, 1 / 5] as const;

/**
 * Splits f(customer) - f(baseline) exactly over the five inputs (Shapley 1953: each input's effect, averaged over
 * every order in which the baseline's inputs could be exchanged for the customer's). 32 evaluations of `f`.
 */
export function shapleyOverInputs(
  f: (customer: RfmSummary) => number,
  baseline: RfmSummary,
  customer: RfmSummary,
): InputShares {
  const values = Array.from({ length: 1 << inputNames.length }, (_, coalition) =>
    f(mixed(baseline, customer, coalition)),
  );
  const shares: InputShares = { frequency: 0, recency: 0, age: 0, monetary: 0, firstValue: 0 };
  inputNames.forEach((input, i) => {
    for (let coalition = 0; coalition < values.length; coalition++) {
      if (coalition & (1 << i)) continue;
      shares[input] += weights[bits(coalition)]! * (values[coalition | (1 << i)]! - values[coalition]!);
    }
  });
  return shares;
}

/**
 * The customer's inputs where the coalition has their bit, else the baseline's; always a possible history. Of the last
 * purchase it is how long ago it was that is exchanged: a longer time as a customer makes nobody silent.
 * A one-time buyer has no mean repeat value to exchange, so both sides take the other's: it then explains nothing that
 * frequency does not.
 */
export function mixed(baseline: RfmSummary, customer: RfmSummary, coalition: number): RfmSummary {
  const [ofFrequency, ofRecency, ofAge, ofMonetary, ofFirstValue] = inputNames.map((_, i) =>
    coalition & (1 << i) ? customer : baseline,
  ) as [RfmSummary, RfmSummary, RfmSummary, RfmSummary, RfmSummary];
  const { age } = ofAge;
  const { gapVariation } = ofFrequency;
  const frequency = purchasesWithin(ofFrequency, age);
  const known = customer.frequency === 0 ? baseline : baseline.frequency === 0 ? customer : ofMonetary;
  return {
    frequency,
    recency: frequency === 0 ? 0 : Math.max(age - silenceOf(ofRecency), 0),
    age,
    monetary: known.monetary,
    firstValue: ofFirstValue.firstValue,
    ...(gapVariation !== undefined && { gapVariation }),
  };
}

/** Days since the last purchase. */
function silenceOf({ recency, age }: RfmSummary): number {
  return age - recency;
}

/** Purchases in a shorter time at the same pace: all of them in it would be a pace at which nobody buys. */
function purchasesWithin({ frequency, age }: RfmSummary, shorter: number): number {
  return shorter < age ? Math.round((frequency * shorter) / age) : frequency;
}

function bits(coalition: number): number {
  return inputNames.filter((_, i) => coalition & (1 << i)).length;
}
