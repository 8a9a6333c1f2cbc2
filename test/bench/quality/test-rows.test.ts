import { describe, expect, it } from 'vitest';
import { protocols } from '../../../bench/quality/protocols.js';
import { priorFor } from '../../../bench/quality/test-rows.js';
import { CDNOW_PRIOR } from '../../ml/features/prior/shops.js';

const [temporal, split] = protocols.filter(({ id }) => id === 'P1' || id === 'P2');
const window = (asOf: string, r: number) => ({ asOf, horizonDays: 1, validation: false, prior: { ...CDNOW_PRIOR, r } });
const windows = [window('1997-10-01T00:00:00Z', 1), window('1997-04-01T00:00:00Z', 2)];

const snapshotOf = (asOf: string) => ({ asOf: new Date(asOf), prior: { ...CDNOW_PRIOR, r: 3 }, windows });

describe('the prior of the customers to predict', () => {
  it('is the snapshot’s own where that ends at the as-of date', () => {
    expect(priorFor(temporal!, snapshotOf('1997-10-01')).r).toBe(3);
  });

  it('is that of the window that starts there in a customer split, whose snapshot knows what comes after', () => {
    expect(priorFor(split!, snapshotOf('1998-07-01')).r).toBe(1);
    expect(() => priorFor(split!, { ...snapshotOf('1998-07-01'), windows: [] })).toThrow('No training window');
  });
});
