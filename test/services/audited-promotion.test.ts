import { afterAll, beforeAll, expect, it } from 'vitest';
import { AuditEntry } from '../../src/entities/index.js';
import { globalId } from '../../src/schema/global-id.js';
import { promoteAudited } from '../../src/services/audited-promotion.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
beforeAll(async () => void (database = await createTestDatabase()));
afterAll(() => database[Symbol.asyncDispose]());

it('a promotion that is refused leaves a trace, too', async () => {
  const promotion = promoteAudited(database.dataSource, '7', null, { commandLine: true });
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
