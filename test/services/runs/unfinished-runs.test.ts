import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { globalId } from '../../../src/schema/global-id.js';
import { ModelsService } from '../../../src/services/models/models.service.js';
import { SnapshotCatalogue } from '../../../src/services/preprocessing/snapshot-catalogue.service.js';
import { createTestJobs, type TestJobs } from '../../support/jobs.js';
import { untilLocked } from '../../support/waiting.js';

const insertModel = `insert into model_version (base, strategy, objective, state)
  values ('built-in', 'FULL', 'ZILN', 'CANDIDATE') returning id`;
const insertSnapshot = `insert into snapshot (as_of, horizon_days, completed_at) values ('2025-01-01', 365, now()) returning id`;

describe.each([
  ['SCORE', 'modelId', 'model', insertModel],
  ['COMPARE', 'againstId', 'model', insertModel],
  ['FINE_TUNE', 'snapshotId', 'snapshot', insertSnapshot],
] as const)('a %s run that is started while what it names as %s is deleted', (kind, name, what, insert) => {
  let jobs: TestJobs;
  beforeAll(async () => {
    jobs = await createTestJobs();
  });
  afterAll(() => jobs[Symbol.asyncDispose]());

  async function insertUsed(): Promise<string> {
    const [row] = await jobs.database.dataSource.query<[{ id: string }]>(insert);
    return row.id;
  }
  const remove = (id: string): Promise<unknown> =>
    what === 'model'
      ? new ModelsService(jobs.database.dataSource).delete(id)
      : new SnapshotCatalogue(jobs.database.dataSource).delete(id);

  it('is refused where the deletion was first', async () => {
    const id = await insertUsed();
    const { dataSource } = jobs.database;
    const started = await dataSource.transaction(async (manager) => {
      await manager.query(`delete from ${what === 'model' ? 'model_version' : 'snapshot'} where id = $1`, [id]);
      const starting = jobs.runs.start(kind, { [name]: id }).catch((error: unknown) => error);
      await untilLocked(dataSource);
      return { starting };
    });
    expect(await started.starting).toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining(`There is no ${what} ${id}`) as string,
    });
    expect(await dataSource.query('select from run')).toEqual([]);
  });

  it('has the deletion refused where it was first', async () => {
    const id = await insertUsed();
    const { dataSource } = jobs.database;
    const { removing, run } = await dataSource.transaction(async (manager) => {
      const begun = await jobs.runs.start(kind, { [name]: id }, null, manager);
      const removal = remove(id).catch((error: unknown) => error);
      await untilLocked(dataSource);
      return { removing: removal, run: begun };
    });
    expect(await removing).toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining(`in use by the ${kind} run ${globalId('Run', run.id)}`) as string,
    });
  });
});
