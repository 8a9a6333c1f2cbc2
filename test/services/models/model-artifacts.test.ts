import { randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { beforeAll, describe, expect, it } from 'vitest';
import { ModelVersion } from '../../../src/entities/index.js';
import { deleteArtifact, loadArtifact, saveArtifact } from '../../../src/services/models/model-artifacts.service.js';
import { useTestDatabase } from '../../support/database.js';

describe('a model’s bytes', () => {
  const database = useTestDatabase();
  let dataSource: DataSource;
  let modelId: string;
  beforeAll(async () => {
    ({ dataSource } = database);
    const version = { base: 'built-in', strategy: 'FULL', objective: 'ZILN', hyperparameters: {} } as const;
    ({ id: modelId } = await dataSource.manager.save(dataSource.manager.create(ModelVersion, version)));
  });

  const parts = async (kind: string): Promise<number> => {
    const [row] = await dataSource.query<[{ count: number }]>(
      'select count(*)::int as count from model_artifact where model_id = $1 and kind = $2',
      [modelId, kind],
    );
    return row.count;
  };

  it('come back as they were stored, in as many parts as they take', async () => {
    const large = randomBytes(16 * 2 ** 20 + 5);
    const small = Buffer.from('small');
    await saveArtifact(dataSource.manager, modelId, 'CHECKPOINT', large);
    await saveArtifact(dataSource.manager, modelId, 'MODEL', small);
    expect([await parts('CHECKPOINT'), await parts('MODEL')]).toEqual([2, 1]);
    expect((await loadArtifact(dataSource.manager, modelId, 'CHECKPOINT'))?.equals(large)).toBe(true);
    expect(await loadArtifact(dataSource.manager, modelId, 'MODEL')).toEqual(small);

    await saveArtifact(dataSource.manager, modelId, 'CHECKPOINT', small);
    expect(await loadArtifact(dataSource.manager, modelId, 'CHECKPOINT')).toEqual(small);
    expect(await parts('CHECKPOINT')).toBe(1);
    await deleteArtifact(dataSource.manager, modelId, 'CHECKPOINT');
    expect(await loadArtifact(dataSource.manager, modelId, 'CHECKPOINT')).toBeNull();
  });

  it('are refused where the database changed one of them', async () => {
    await saveArtifact(dataSource.manager, modelId, 'MODEL', Buffer.from('weights'));
    await dataSource.query(`update model_artifact set content = 'weightz' where model_id = $1`, [modelId]);
    await expect(loadArtifact(dataSource.manager, modelId, 'MODEL')).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
    });
  });
});
