import { afterAll, beforeAll } from 'vitest';
import { dayMs } from '../../../src/days.js';
import { ModelVersion } from '../../../src/entities/index.js';
import { ModelLoader } from '../../../src/services/models/loaded-model.js';
import { testConfig } from '../../support/config.js';
import { useScoredShop } from '../../support/scored-shop.js';

/** What was so many days earlier. */
export const before = (date: Date, days: number): Date => new Date(date.getTime() - days * dayMs);

/** A scored shop, with its active model and a loader of models. */
export function useScoredModels() {
  const database = useScoredShop();
  let models: ModelLoader;
  let active: ModelVersion;
  beforeAll(async () => {
    const config = testConfig();
    models = new ModelLoader(database.dataSource, config);
    active = await database.dataSource.manager.findOneByOrFail(ModelVersion, { state: 'ACTIVE' });
  });
  afterAll(() => models.close());
  return {
    database,
    get models() {
      return models;
    },
    get active() {
      return active;
    },
    /** Another model with the active one's weights, and the given one's snapshot, that serves otherwise. */
    async copyOf({ id: _id, ...model }: ModelVersion, serving: object): Promise<string> {
      const { manager } = database.dataSource;
      const copy = manager.create(ModelVersion, {
        ...model,
        state: 'CANDIDATE',
        runId: null,
        serving: { ...model.serving, ...serving },
      });
      const { id } = await manager.save(copy);
      await manager.query(
        `insert into model_artifact (model_id, kind, part, sha256, content)
         select $2, kind, part, sha256, content from model_artifact where model_id = $1`,
        [active.id, id],
      );
      return id;
    },
  };
}
