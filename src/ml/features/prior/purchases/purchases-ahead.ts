/** What a customer is expected to buy in a horizon that begins at the as-of date. */
export interface PurchasesAhead {
  /** P(has not left for good at the as-of date). */
  readonly aliveProbability: number;
  /** P(at least one purchase in the horizon). */
  readonly purchaseProbability: number;
  /** Expected number of purchase days in the horizon. */
  readonly expectedPurchases: number;
}

/** Keeps logarithms and logits finite; no data set can tell a smaller probability from this one. */
export const leastProbability = 1e-12;
