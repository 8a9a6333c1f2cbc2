import { describe, expect, it } from 'vitest';
import { carriedOn } from '../../../src/ml/features/prior/carry-on.js';
import { predictPrior } from '../../../src/ml/features/prior/predict-prior.js';
import type { RfmSummary } from '../../../src/ml/features/prior/rfm-summary.js';
import type { Example } from '../../../src/ml/scoring/example.js';
import type { Predictor } from '../../../src/ml/scoring/predictor.js';
import { sigmoid } from '../../../src/math.js';
import { silentProgress } from '../../../src/progress.js';
import { noCorrection } from '../../../src/services/fine-tuning/level-correction.js';
import { levelsToday } from '../../../src/services/fine-tuning/levels-today.js';
import { weightsFormat } from '../../../src/services/models/serving-bundle.js';
import { CDNOW_PRIOR as prior } from '../../ml/features/prior/shops.js';
import { smallModel } from '../../support/small-encoder.js';
import { rfmRow } from '../../support/rfm-row.js';

const asOf = new Date('2026-01-01T00:00:00Z');
const learntDays = 90;
const horizons = [30, learntDays, 360];
const valueScale = 20;

const customers = [
  { frequency: 2, recency: 162, age: 182, monetary: 45, firstValue: 20 },
  { frequency: 7, recency: 300, age: 310, monetary: 90, firstValue: 60 },
];

/** Ratios of a model that gives (logit, mu) with a sigma of 0 to whoever the example is of. */
async function ratios(
  answer: (example: Example) => readonly [number, number],
  calibration: number,
  base: readonly RfmSummary[] = customers,
) {
  const rows = base.map((customer) => rfmRow(customer, asOf));
  const predict: Predictor['predict'] = async (examples) =>
    examples.map((example) => ({ output: Float32Array.of(...answer(example), 0), expectedValue: Number.NaN }));
  const told: Example = {
    tokenIds: Int32Array.of(1),
    tokenGroups: Uint8Array.of(0),
    numeric: new Float32Array(),
    prior: [0, 0],
  };
  const points = await levelsToday(
    { predict, spec: { ...smallModel, objective: 'ZILN' } } as Predictor,
    {
      format: weightsFormat,
      scaler: { features: [], seasons: false },
      prior,
      scale: { valueScale, residualSigma: 1, largestValue: 1e9 },
      maxTokens: 1,
      level: noCorrection,
      typical: { numeric: [], rfm: customers[0]! },
      activationRanges: null,
      priorOnly: null,
    },
    { rows, examples: rows.map(() => told) },
    { calibration, learntDays, horizons, progress: silentProgress, signal: new AbortController().signal },
  );
  expect(points.map(({ days }) => days)).toEqual(horizons);
  return points.map(({ ratio }) => ratio);
}

describe('the level of today', () => {
  it.each([0.3, -0.3])('has the calibration in what the model says, and not in what the prior does: %d', async (c) => {
    const factors = await ratios(({ prior: [logit, logValue] }) => [logit, logValue + Math.log(1.5)], c);
    for (const factor of factors) expect(factor).toBeCloseTo(1.5 * Math.exp(c), 5);
  });

  it('is what the model expects of all customers over what their prior does, carried on beyond the learnt horizon', async () => {
    const found = await ratios(() => [0, Math.log(3)], 0.2);
    horizons.forEach((horizonDays, i) => {
      const expected = customers.reduce((sum, customer) => {
        const { expectedValue } = predictPrior(prior, customer, horizonDays, asOf);
        return sum + expectedValue * Math.exp(carriedOn(prior, customer, { horizonDays, learntDays }, asOf));
      }, 0);
      // Each buys with a probability of a half, and then for 3 units.
      expect(found[i]).toBeCloseTo((customers.length * 0.5 * 3 * valueScale) / expected, 5);
    });
  });

  it('is that of the question which is put to the network: of who has surely left, too, 1 in 1,000 buys', async () => {
    const left = { frequency: 60, recency: 90, age: 600, monetary: 40, firstValue: 35 };
    const asked: number[] = [];
    await ratios(({ prior: [logit, logValue] }) => [asked.push(logit) && logit, logValue], 0, [left]);
    for (const logit of asked) expect(sigmoid(logit)).toBeCloseTo(0.001, 12);
    expect(asked).toHaveLength(horizons.length);
  });
});
