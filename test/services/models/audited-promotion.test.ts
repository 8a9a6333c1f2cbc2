import { expect, it } from 'vitest';
import { AuditEntry, ModelVersion } from '../../../src/entities/index.js';
import { globalId } from '../../../src/schema/global-id.js';
import { promoteAudited } from '../../../src/services/models/audited-promotion.js';
import { saveArtifact } from '../../../src/services/models/model-artifacts.service.js';
import { useTestDatabase } from '../../support/database.js';
import { usableServing } from '../../support/usable-serving.js';

const database = useTestDatabase();

it('a model does not follow one that was promoted after the decision was begun', async () => {
  const { manager } = database.dataSource;
  const model = async () => {
    const { id } = await manager.save(
      manager.create(ModelVersion, {
        base: 'built-in',
        strategy: 'FULL',
        objective: 'ZILN',
        state: 'CANDIDATE',
        serving: usableServing,
      }),
    );
    await saveArtifact(manager, id, 'MODEL', Buffer.from('x'));
    return id;
  };
  const [other, candidate] = [await model(), await model()];
  const promote = (id: string, decidedAt: Date) => promoteAudited(database.dataSource, id, { details: {}, decidedAt });
  const { promotedAt } = await promote(other, new Date());
  const meanwhile = promote(candidate, new Date(promotedAt!.getTime() - 1));
  await expect(meanwhile).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining(other) });
  const promoted = await promote(candidate, new Date(promotedAt!.getTime() + 1));
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
