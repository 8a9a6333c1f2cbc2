import { describe, expect, it } from 'vitest';
import { checkDatabase } from '../../../src/cli/doctor/database-check.js';
import { useTestDatabase } from '../../support/database.js';
import { startProxy } from '../../support/proxy.js';

describe('checkDatabase, of a server', () => {
  const database = useTestDatabase();
  const processes = { databasePoolSize: 10, workers: 1 };
  const check = () => checkDatabase({ databaseUrl: database.url, ...processes });

  it('finds nothing amiss, and leaves nothing', async () => {
    expect(await check()).toMatchObject({ status: 'OK', found: expect.stringMatching(/^\d.* at DATABASE_URL$/) });
  });

  it('tells that an older version made the tables, and in which order to go on', async () => {
    const { dataSource } = database;
    const newest = '(select name from migration order by timestamp desc limit 1)';
    const [made] = await dataSource.query<[{ timestamp: string; name: string }]>(
      `with gone as (delete from migration where name = ${newest} returning timestamp, name) select * from gone`,
    );
    expect(await check()).toMatchObject({
      status: 'WARN',
      blocks: false,
      found: expect.stringContaining('older version'),
      remedy: expect.stringContaining('stop all processes of that version'),
    });
    await dataSource.query('insert into migration (timestamp, name) values ($1, $2)', [made.timestamp, made.name]);
  });

  it('blocks where the start would not read its address, though node-postgres does', async () => {
    await using proxy = await startProxy(database.dataSource);
    const databaseUrl = proxy.url.replace(/:\/\/([^:@]+)[^@]*@/, '://$1:100%@');
    expect(await checkDatabase({ databaseUrl, ...processes })).toMatchObject({
      status: 'MISSING',
      blocks: true,
      found: 'does not answer: URI malformed',
      remedy: expect.stringContaining('%25 for %'),
    });
  });

  it('tells that more connections are needed than Postgres allows, and how to mend it', async () => {
    const name = new URL(database.url.replace('@/', '@socket/')).pathname.slice(1);
    await database.dataSource.query(`alter database ${name} connection limit 26`);
    expect(await check()).toMatchObject({
      status: 'WARN',
      blocks: false,
      found: `allows 26 connections (the limit of the database ${name}); clvgraph start with these settings may open 27`,
      remedy: expect.stringMatching(/^alter database .+ connection limit .+ or lower CLVGRAPH_WORKERS/),
    });
    await database.dataSource.query(`alter database ${name} connection limit 27`);
    expect(await check()).toMatchObject({ status: 'OK' });
    await database.dataSource.query(`alter database ${name} connection limit -1`);
    expect(await checkDatabase({ databaseUrl: database.url, databasePoolSize: 10, workers: 64 })).toMatchObject({
      found: expect.stringMatching(/^allows \d+ connections \(max_connections, less .+ may open 846$/),
      remedy: expect.stringMatching(/^Raise max_connections, or lower/),
    });
  });

  it('blocks where Postgres has no room for what a sort leaves on disk', async () => {
    const name = new URL(database.url.replace('@/', '@socket/')).pathname.slice(1);
    await database.dataSource.query(`alter database ${name} set temp_file_limit = '1MB'`);
    expect(await check()).toMatchObject({
      status: 'MISSING',
      blocks: true,
      found: expect.stringContaining('temp_file_limit'),
      remedy: expect.stringMatching(/^Make room on its disk/),
    });
  });
});
