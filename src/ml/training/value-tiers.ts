/** Shares of buyers below the bounds between the tiers of CLASSIFICATION. */
const tierQuantiles = [0.5, 0.8, 0.95] as const;

/** Anything above zero is a purchase; still a positive number in float32. */
const smallestPurchase = 1e-9;

interface ValueTiers {
  /** Lower bounds of tiers 1, 2, ...; tier 0 is "buys nothing". Strictly ascending. */
  readonly bounds: readonly number[];
  /** Mean value of each tier, tier 0 first. */
  readonly means: readonly number[];
}

/** Tiers for the classification objective: nothing bought, and the buyers cut at their median, 80 % and 95 %. */
export function valueTiers(values: readonly number[]): ValueTiers {
  const buyers = values.filter((value) => value > 0).sort((a, b) => a - b);
  const quantile = (share: number) => buyers[Math.floor(buyers.length * share)];
  const candidates = [smallestPurchase, ...tierQuantiles.map((share) => quantile(share) ?? 0)];
  const bounds = candidates.filter((bound, i) => i === 0 || bound > candidates[i - 1]!);
  const sums = Array.from({ length: bounds.length + 1 }, () => ({ count: 0, total: 0 }));
  for (const value of values) {
    const tier = sums[bounds.filter((bound) => value >= bound).length]!;
    tier.count++;
    tier.total += value;
  }
  return { bounds, means: sums.map(({ count, total }) => (count > 0 ? total / count : 0)) };
}
