import { beforeAll, describe, expect, it } from 'vitest';
import { dayMs } from '../../../src/days.js';
import { ModelVersion } from '../../../src/entities/index.js';
import { buildModelInput } from '../../../src/ml/features/model-input.js';
import { silentProgress } from '../../../src/progress.js';
import { loadBase } from '../../../src/services/models/base-checkpoint.js';
import { encodeTrainingData, type TrainingData } from '../../../src/services/fine-tuning/training-data.js';
import { sampleBase } from '../../../src/services/preprocessing/base-sample.js';
import {
  iterateSnapshotRows,
  readSnapshot,
  type SnapshotContent,
  type SnapshotExample,
} from '../../../src/services/preprocessing/snapshots.service.js';
import { testConfig } from '../../support/config.js';
import { useScoredShop } from '../../support/scored-shop.js';

describe('what a model is trained on', () => {
  const shop = useScoredShop();
  let snapshot: SnapshotContent;
  let data: TrainingData;
  /** In the order of `data.training`. */
  let rows: SnapshotExample[];
  beforeAll(async () => {
    const { snapshotId } = await shop.dataSource.manager.findOneByOrFail(ModelVersion, { state: 'ACTIVE' });
    snapshot = await readSnapshot(shop.dataSource, snapshotId!);
    data = await encode();
    rows = [];
    for await (const batch of iterateSnapshotRows(shop.dataSource, snapshot, 'TRAIN')) rows.push(...batch);
  });

  async function encode(of = snapshot): Promise<TrainingData> {
    const { tokenizer } = await loadBase('built-in', testConfig());
    const hooks = { progress: silentProgress, signal: new AbortController().signal };
    const baseRows = await sampleBase(shop.dataSource, of, hooks.signal);
    return encodeTrainingData(shop.dataSource, of, baseRows, { tokenizer, maxTokens: 64 }, hooks);
  }

  it('has in each row what the prior of its own window says', () => {
    expect(data.training).toHaveLength(rows.length);
    for (const [i, { row, window }] of rows.entries()) {
      const { horizonDays, prior } = snapshot.windows[window]!;
      const own = buildModelInput({ row, horizonDays, scaler: snapshot.scaler, prior });
      expect(data.training[i]!.prior[0]).toBe(own.prior[0]);
    }
  });

  it('counts the newest window as much as all others', () => {
    const weightOf = (newest: boolean) =>
      data.training.reduce(
        (sum, { weight }, i) => sum + (snapshot.windows[rows[i]!.window]!.validation === newest ? weight : 0),
        0,
      );
    expect(weightOf(true) / weightOf(false)).toBeCloseTo(1, 5);
  });

  it('counts it as any other if events had been recorded for less than 90 days as of its date', async () => {
    const begins = Date.parse(snapshot.windows.find(({ validation }) => validation)!.asOf) / dayMs;
    const weights = async (daysBefore: number) => {
      const tracking = { days_since_event: begins - daysBefore };
      const { training } = await encode({ ...snapshot, scaler: { ...snapshot.scaler, tracking } });
      return new Set(training.map(({ weight }) => weight));
    };
    expect(await weights(89)).toEqual(new Set([1]));
    expect(await weights(90)).toEqual(new Set(data.training.map(({ weight }) => weight)));
  });

  it('bounds values by the largest spend before the as-of date, whatever comes after', async () => {
    await shop.dataSource.query(
      `insert into purchase_day (customer_id, day, net, gross, returned, items, products, orders)
       select customer_id, $1::date, 1e7, 1e7, 0, 1, 0, 1 from purchase_day limit 1`,
      [snapshot.asOf],
    );
    expect((await encode()).scale).toEqual(data.scale);
  });

  it('is not what is left of a snapshot that is deleted while it is read', async () => {
    const read = async () => {
      for await (const _ of iterateSnapshotRows(shop.dataSource, snapshot)) {
        await shop.dataSource.query('delete from snapshot where id = $1', [snapshot.id]);
      }
    };
    await expect(read()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
