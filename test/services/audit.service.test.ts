import { afterEach, describe, expect, it, vi } from 'vitest';
import { AuditEntry } from '../../src/entities/index.js';
import { ClvError } from '../../src/errors.js';
import { AuditService } from '../../src/services/audit.service.js';
import { useTestDatabase } from '../support/database.js';

const change = { actor: null, action: 'promoteModel', target: null, details: {} };

describe('an audit entry whose outcome cannot be written', () => {
  const database = useTestDatabase();
  afterEach(async () => {
    vi.restoreAllMocks();
    await database.dataSource.manager.clear(AuditEntry);
  });

  const loseDatabase = () => {
    vi.spyOn(database.dataSource, 'query').mockRejectedValueOnce(new Error('the connection was lost'));
  };
  const outcomes = async () =>
    (await database.dataSource.manager.find(AuditEntry)).map(({ details }) => details['outcome']);

  it('leaves what was done as done', async () => {
    const recorded = new AuditService(database.dataSource).record(change, async () => {
      loseDatabase();
      return 'done';
    });
    expect(await recorded).toBe('done');
    expect(await outcomes()).toEqual([undefined]);
  });

  it('leaves the failure to whoever asked', async () => {
    const recorded = new AuditService(database.dataSource).record(change, async () => {
      loseDatabase();
      throw new ClvError('CONFLICT', 'Another model is active.');
    });
    await expect(recorded).rejects.toThrow('Another model is active.');
    expect(await outcomes()).toEqual([undefined]);
  });
});

describe('an audit entry of what the database could not do', () => {
  const database = useTestDatabase();

  it('has the code that the caller is told', async () => {
    const diskIsFull = "do $$ begin raise exception 'no space left on device' using errcode = '53100'; end $$";
    const recorded = new AuditService(database.dataSource).record(change, () => database.dataSource.query(diskIsFull));
    await expect(recorded).rejects.toThrow('no space left on device');
    const [entry] = await database.dataSource.manager.find(AuditEntry);
    expect(entry?.details).toEqual({ outcome: 'FAILED', errorCode: 'DATABASE_UNAVAILABLE' });
  });
});
