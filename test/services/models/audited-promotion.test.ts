import { expect, it } from 'vitest';
import { AuditEntry, ModelVersion } from '../../../src/entities/index.js';
import { globalId } from '../../../src/schema/global-id.js';
import { promoteAudited } from '../../../src/services/models/audited-promotion.js';
import { saveArtifact } from '../../../src/services/models/model-artifacts.service.js';
import { useTestDatabase } from '../../support/database.js';
import { usableServing } from '../../support/usable-serving.js';

const database = useTestDatabase();

it('a model that was judged by another than the active one does not follow it', async () => {
  const { manager } = database.dataSource;
  const model = (state: 'ACTIVE' | 'CANDIDATE') =>
    manager.save(
      manager.create(ModelVersion, {
        base: 'built-in',
        strategy: 'FULL',
        objective: 'ZILN',
        state,
        serving: usableServing,
      }),
    );
  const [active, candidate] = [await model('ACTIVE'), await model('CANDIDATE')];
  await saveArtifact(manager, candidate.id, 'MODEL', Buffer.from('x'));
  for (const insteadOf of ['77', null]) {
    const promotion = promoteAudited(database.dataSource, candidate.id, { details: {}, insteadOf });
    await expect(promotion).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining(active.id) });
  }
  const promoted = await promoteAudited(database.dataSource, candidate.id, { details: {}, insteadOf: active.id });
  expect(promoted.state).toBe('ACTIVE');
  await manager.clear(AuditEntry);
});

it('a promotion that is refused leaves a trace, too', async () => {
  const promotion = promoteAudited(database.dataSource, '7', { details: { commandLine: true } });
  await expect(promotion).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await database.dataSource.manager.find(AuditEntry)).toMatchObject([
    {
      action: 'promoteModel',
      apiKeyId: null,
      target: globalId('ModelVersion', '7'),
      details: { commandLine: true, outcome: 'REFUSED', errorCode: 'NOT_FOUND' },
    },
  ]);
});
