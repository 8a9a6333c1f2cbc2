import { describe, expect, it } from 'vitest';
import { shrunkenEffects } from '../../../../../src/ml/features/prior/covariates/shrunken-effects.js';

/** Of a group whose own estimate is normal, with a standard error of a tenth. */
const information = 100;
const scoreOf = (estimate: number) => (effect: number) => information * (estimate - effect);

describe('effects of groups', () => {
  it('are believed as far as their spread goes beyond chance', () => {
    // DerSimonian & Laird: (Q - (k - 1)) / (sum of w - sum of w^2 / sum of w), with Q = 100 (0.5^2 + 0.5^2).
    const variance = (50 - 1) / (200 - 100);
    const believed = (0.5 * information) / (information + 1 / variance);
    const effects = shrunkenEffects([scoreOf(0.5), scoreOf(-0.5)]);
    expect(effects[0]).toBeCloseTo(believed, 6);
    expect(effects[1]).toBeCloseTo(-believed, 6);
  });

  it('are none where their spread may be chance', () => {
    expect(shrunkenEffects([scoreOf(0.1), scoreOf(-0.1)])).toEqual([0, 0]);
  });
});
