import { expect } from 'vitest';
import { expectWaitingFor } from '../../support/waiting.js';
import type { GraphqlAnswer, OpenTestServer } from './test-server.js';

/**
 * Asks a query twenty times at once that reads the table, which is locked meanwhile: two wait for it, and others are answered.
 * @returns the twenty answers
 */
export async function askedInTurn(
  server: OpenTestServer,
  table: string,
  query: string,
): Promise<GraphqlAnswer<unknown>[]> {
  const { dataSource } = server.database;
  let asking: Promise<GraphqlAnswer<unknown>[]> | undefined;
  await dataSource.transaction(async (manager) => {
    await manager.query(`lock table ${table} in access exclusive mode`);
    asking = Promise.all(Array.from({ length: 20 }, () => server.ask(query, { as: 'VIEWER' })));
    await expectWaitingFor(dataSource, table, 2);
    expect((await server.ask('{ customers(first: 1) { edges { node { id } } } }')).errors).toBeUndefined();
  });
  return asking!;
}
