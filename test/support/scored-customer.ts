import type { ScoredCustomer } from '../../src/services/scoring/customer-scoring.js';

/** A model's prediction of 1 for everything. */
export const scoredAsOne = (customerId: string, expectedNextOrderDate: Date): ScoredCustomer => ({
  customerId,
  basis: 'MODEL',
  basisReason: null,
  expectedValue: 1,
  logit: 0,
  mu: 1,
  sigma: 1,
  expectedOrders: 1,
  expectedNextOrderDate,
  featureHash: '',
});
