import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { expect } from 'vitest';
import { waitingFor } from '../../support/waiting.js';
import type { GraphqlAnswer, TestServer } from './test-server.js';

/**
 * Asks a query twenty times at once that reads the table, which is locked meanwhile: two wait for it, and others are answered.
 * @returns the twenty answers
 */
export async function askedInTurn(server: TestServer, table: string, query: string): Promise<GraphqlAnswer<unknown>[]> {
  const { dataSource } = server.database;
  let asking: Promise<GraphqlAnswer<unknown>[]> | undefined;
  await dataSource.transaction(async (manager) => {
    await manager.query(`lock table ${table} in access exclusive mode`);
    asking = Promise.all(Array.from({ length: 20 }, () => server.ask(query, { as: 'VIEWER' })));
    await expectTwoWaiting(dataSource, table);
    expect((await server.ask('{ customers(first: 1) { edges { node { id } } } }')).errors).toBeUndefined();
  });
  return asking!;
}

export async function expectTwoWaiting(dataSource: DataSource, table: string): Promise<void> {
  const waiting = () => waitingFor(dataSource, table);
  for (const until = Date.now() + 10_000; (await waiting()).length < 2 && Date.now() < until;) await sleep(20);
  await sleep(300);
  expect(await waiting()).toHaveLength(2);
}
