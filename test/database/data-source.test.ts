import { expect, it } from 'vitest';
import { createDataSource } from '../../src/database/data-source.js';
import { useTestDatabase } from '../support/database.js';

const database = useTestDatabase();

it.each([
  ['a password', (user: string) => `${user}:secret`],
  ['a name in codes', (user: string) => user.replace(/^./, (first) => `%${first.charCodeAt(0).toString(16)}`)],
])('a URL of a unix socket may have %s', async (_what, userInfo) => {
  // That of a server in TEST_DATABASE_URL may be another one, which stays as it is.
  const url = database.url.replace(/(?<=^postgres:\/\/)\w+(?=@\/)/, userInfo);
  const dataSource = await createDataSource({ url, poolSize: 1 }).initialize();
  const sessions = 'select current_user as user, current_database() as name';
  expect(await dataSource.query(sessions)).toEqual(await database.dataSource.query(sessions));
  await dataSource.destroy();
});
