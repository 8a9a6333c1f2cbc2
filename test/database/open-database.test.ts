import { afterEach, describe, expect, it, vi } from 'vitest';
import { loadConfig } from '../../src/config.js';
import { openDatabase } from '../../src/database/open-database.js';
import { createTestDatabase, useTestDatabase } from '../support/database.js';

describe('openDatabase', () => {
  const database = useTestDatabase();
  afterEach(() => vi.restoreAllMocks());

  async function toldOnOpening(url: string): Promise<unknown[]> {
    const told = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const opened = await openDatabase(loadConfig({ DATABASE_URL: url }, '/nonexistent').config);
    await opened.close();
    return told.mock.calls.flat();
  }

  it('says that it migrates the tables of an earlier version, which may take long, and nothing otherwise', async () => {
    await database.dataSource.undoLastMigration();
    expect(await toldOnOpening(database.url)).toEqual([
      'An earlier version of clvgraph made the tables: 1 migration to run, which may take minutes on a large base.',
    ]);
    vi.restoreAllMocks();
    expect(await toldOnOpening(database.url)).toEqual([]);
    await using empty = await createTestDatabase('template0');
    expect(await toldOnOpening(empty.url)).toEqual([]);
  });
});
