import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toCsv } from '../../../bench/quality/csv.js';
import { readEvaluationSet } from '../../../bench/quality/evaluation-set.js';
import { foldsOf, protocols } from '../../../bench/quality/protocols.js';
import { recordPath } from '../../../bench/quality/records.js';
import { runMetrics, subsetsOf, summarise } from '../../../bench/quality/run-metrics.js';
import { checksumOf, filesOf, writeJson, writeWhole } from '../../../bench/quality/work-folder.js';
import { WorkingFolder } from '../../support/working-folder.js';

const split = protocols.find(({ id }) => id === 'P2')!;
let home: WorkingFolder;

interface Written {
  readonly model: string;
  readonly seed: number;
  readonly expected: readonly number[];
  readonly stale?: boolean;
  readonly ours?: boolean;
}

/** Two customers with features a fold, of whom the second has bought twice, and in the first fold one without. */
async function writeFold(place: number, predictions: readonly Written[]): Promise<void> {
  const files = filesOf(split, foldsOf(split)[place]!);
  const [first, second] = [`${place}a`, `${place}b`];
  await writeWhole(files.train, 'customer\n');
  await writeWhole(
    files.test,
    toCsv(
      ['customer', 'actual', 'purchases', 'f_repeat_days'],
      [
        [first, 0, 0, 0],
        [second, 10 * (place + 1), 1, 1],
      ],
    ),
  );
  const zeros = place === 0 ? [['nothing paid', 7, 1]] : [];
  await writeWhole(files.zero, toCsv(['customer', 'actual', 'purchases'], zeros));
  for (const { model, seed, expected, stale, ours } of predictions) {
    const path = files.prediction(model, seed);
    // In another order than the customers'.
    const rows = [
      [second, expected[1]!, 0.5, 0.5, 2, 1],
      [first, expected[0]!, 0.1, -2, 2, 1],
    ];
    await writeWhole(path, toCsv(['customer', 'expected_value', 'purchase_probability', 'logit', 'mu', 'sigma'], rows));
    await writeJson(recordPath(path), {
      data_sha256: stale ? 'of other rows' : await checksumOf(files),
      seconds: { all: 1 },
      ...(ours ? { ours: { code: 'abc', grade: 'A', epochs: 2 } } : {}),
    });
  }
}

beforeAll(async () => {
  home = await WorkingFolder.enter();
  for (let place = 0; place < 5; place++) {
    await writeFold(place, [
      // A seed of its own in each fold.
      { model: 'ours', seed: place + 1, expected: [1, 10 * (place + 1)], ours: true },
      { model: 'peer', seed: 1, expected: [2, 20] },
      { model: 'peer', seed: 2, expected: [2, 30] },
      { model: 'outdated', seed: 1, expected: [1, 1], stale: place === 3 },
    ]);
  }
});

afterAll(async () => {
  await home[Symbol.asyncDispose]();
});

describe('an evaluation set', () => {
  it('puts the folds together, customers without features last and at 0', async () => {
    const set = await readEvaluationSet(split);
    expect(set.customers).toEqual(['0a', '0b', '1a', '1b', '2a', '2b', '3a', '3b', '4a', '4b', 'nothing paid']);
    expect(Array.from(set.actual)).toEqual([0, 10, 0, 20, 0, 30, 0, 40, 0, 50, 7]);
    expect(set.withFeatures).toBe(10);

    const [ours, peer] = set.contestants;
    expect(set.contestants.map(({ name, ours, runs }) => [name, ours, runs.length])).toEqual([
      ['ours', true, 1],
      // A fold's prediction of the third was made of other rows.
      ['peer', false, 2],
    ]);
    expect(ours!.runs[0]!.seeds).toEqual([1, 2, 3, 4, 5]);
    expect(Array.from(ours!.runs[0]!.expected)).toEqual([1, 10, 1, 20, 1, 30, 1, 40, 1, 50, 0]);
    expect(Array.from(peer!.runs[1]!.expected)).toEqual([2, 30, 2, 30, 2, 30, 2, 30, 2, 30, 0]);
    expect(Array.from(ours!.runs[0]!.probability!)).toEqual([0.1, 0.5, 0.1, 0.5, 0.1, 0.5, 0.1, 0.5, 0.1, 0.5, 0]);
  });

  it('is measured on all and on one-time buyers, over seeds', async () => {
    const set = await readEvaluationSet(split);
    const { all, oneTime } = subsetsOf(set);
    expect(Array.from(oneTime)).toEqual([0, 2, 4, 6, 8]);
    const [ours, peer] = set.contestants;
    const metrics = runMetrics(set, ours!.runs[0]!, all);
    // Errors of 1 for the five who bought nothing, of 7 for the one without features.
    expect(metrics.rmse).toBeCloseTo(Math.sqrt((5 + 49) / 11), 12);
    expect(metrics.bias).toBeCloseTo(155 / 157 - 1, 12);
    // Five buyers at 0.5 and one at 0 against five others at 0.1: 25 of 30 pairs are in order.
    expect(metrics.auc).toBeCloseTo(25 / 30, 12);
    expect(metrics.coverage80).not.toBeNull();
    expect(runMetrics(set, ours!.runs[0]!, oneTime).rmse).toBe(1);
    const bias = summarise(peer!.runs.map((run) => runMetrics(set, run, all).bias))!;
    expect(bias).toMatchObject({ runs: 2, lowest: 110 / 157 - 1, highest: 160 / 157 - 1 });
  });
});
