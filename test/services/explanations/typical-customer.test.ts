import { describe, expect, it } from 'vitest';
import { typicalCustomer } from '../../../src/services/explanations/typical-customer.js';
import { rfmRow } from '../../support/rfm-row.js';

describe('the typical customer', () => {
  const asOf = new Date('2026-01-01T00:00:00Z');
  const history = { frequency: 2, recency: 60, monetary: 40, firstValue: 35 };
  const customers = (ages: readonly number[]) => ({
    rows: ages.map((age) => rfmRow({ ...history, age }, asOf)),
    examples: ages.map((age) => ({
      tokenIds: new Int32Array(),
      tokenGroups: new Uint8Array(),
      numeric: Float32Array.of(0, 0, 0, age),
      prior: [0, 0] as const,
    })),
  });
  const scaler = { features: [], seasons: false };
  const base = customers([70, 100, 300]);

  it('has the medians of the held-out customers', () => {
    const { rows, examples } = customers([80, 200, 250]);
    const validation = examples.map((example) => ({ ...example, value: 0 }));
    const validationRows = { rows, actual: [0, 0, 0] };
    expect(typicalCustomer({ validation, validationRows, base }, scaler)).toEqual({
      numeric: [0, 0, 0, 200],
      rfm: { ...history, age: 200 },
    });
  });

  it('has those of the customers of today where events had not been recorded as of the date of the held-out ones', () => {
    const { rows, examples } = customers([80, 200, 250]);
    const validation = examples.map((example) => ({ ...example, value: 0 }));
    const tracked = { ...scaler, tracking: { browse_90: 20_000 } };
    const typical = typicalCustomer({ validation, validationRows: { rows, actual: [0, 0, 0] }, base }, tracked);
    expect(typical.rfm.age).toBe(100);
  });

  it('has those of the customers of today where few customers leave none to hold out', () => {
    const validationRows = { rows: [], actual: [] };
    expect(typicalCustomer({ validation: [], validationRows, base }, scaler)).toEqual({
      numeric: [0, 0, 0, 100],
      rfm: { ...history, age: 100 },
    });
  });
});
