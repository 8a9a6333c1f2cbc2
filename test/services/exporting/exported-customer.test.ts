import { expect, it } from 'vitest';
import { noHistory } from '../../../src/services/customers/purchase-histories.js';
import { exportedCustomer } from '../../../src/services/exporting/exported-customer.js';
import type { ExportRow } from '../../../src/services/exporting/export-statement.js';

const period = { modelId: '1', horizonDays: 365, asOf: new Date('2025-07-01T00:00:00Z') };

it('tells past amounts in cents, and numbers where nothing is predicted', () => {
  // As a left join answers.
  const row = {
    id: '7',
    source: 'default',
    externalId: 'x',
    predicted: null,
    purchaseProbability: null,
    mu: null,
    sigma: null,
    expectedOrders: null,
    expectedNextOrderDate: null,
    percentile: null,
    basis: null,
    memberships: [],
  } as unknown as ExportRow;
  const history = { ...noHistory, spend: 12.3456, meanOccasionValue: 6.1728 };
  const exported = exportedCustomer(row, history, { period, currency: 'USD', memberships: [], level: 0.8 });
  expect(exported).toMatchObject({ historic: 12.35, averageOrderValue: 6.17 });
  expect(exported).toMatchObject({ predicted: 0, purchaseProbability: 0, churnProbability: 1, predictedOrders: 0 });
});
