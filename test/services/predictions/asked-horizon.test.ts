import { describe, expect, it } from 'vitest';
import { askedHorizonDays } from '../../../src/services/predictions/asked-horizon.js';
import { noCorrection } from '../../../src/services/fine-tuning/level-correction.js';

describe('the horizon that a model is asked for', () => {
  const asked = (objective: 'ZILN' | 'MSE' | 'CLASSIFICATION', horizonDays: number, known = true) => {
    const level = known ? { ...noCorrection, horizonDays: 180, shortestDays: 60 } : noCorrection;
    return askedHorizonDays(
      { spec: { objective }, bundle: { level } } as Parameters<typeof askedHorizonDays>[0],
      horizonDays,
    );
  };

  it('is the one that is wanted for a ZILN, but none shorter than it learnt or more than twice as long', () =>
    expect([7, 60, 90, 180, 361, 362, 730].map((days) => asked('ZILN', days))).toEqual([
      60, 60, 90, 180, 361, 361, 361,
    ]));

  it('is no shorter than the longest learnt one for an MSE, and at most twice as long', () =>
    expect([7, 180, 300, 730].map((days) => asked('MSE', days))).toEqual([180, 180, 300, 361]));

  it('is the longest learnt one for a CLASSIFICATION', () =>
    expect([7, 180, 730].map((days) => asked('CLASSIFICATION', days))).toEqual([180, 180, 180]));

  it('is the one that is wanted where nothing was learnt', () =>
    expect([asked('MSE', 7, false), asked('CLASSIFICATION', 7, false)]).toEqual([7, 7]));
});
