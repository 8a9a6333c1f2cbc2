import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Notifications } from '../../src/database/notifications.js';
import { useTestDatabase } from '../support/database.js';
import { listeningSessions } from '../support/listening.js';

describe('notifications', () => {
  const database = useTestDatabase();
  let notifications: Notifications;
  beforeAll(async () => {
    notifications = new Notifications(database.dataSource);
  });
  afterAll(() => notifications.close());

  const notify = (payload: string) => database.dataSource.query('select pg_notify($1, $2)', ['news', payload]);

  async function until(condition: () => boolean): Promise<void> {
    for (let waited = 0; !condition(); waited += 20) {
      if (waited > 5_000) throw new Error('not within five seconds');
      await sleep(20);
    }
  }

  it('come to every subscriber over one connection, until it unsubscribes', async () => {
    const received: string[] = [];
    const listener = (name: string) => ({
      onNotification: (text: string) => received.push(name + text),
      onReconnect() {},
    });
    const leave = await notifications.subscribe('news', listener('a'));
    const stay = await notifications.subscribe('news', listener('b'));
    await notify('1');
    await until(() => received.length === 2);
    leave();
    await notify('2');
    await until(() => received.length === 3);
    expect(received).toEqual(['a1', 'b1', 'b2']);
    expect(await database.dataSource.query(`select count(*)::int as count from ${listeningSessions}`)).toEqual([
      { count: 1 },
    ]);
    stay();
  });

  it('are asked for once, however many subscribe', async () => {
    const query = vi.spyOn(pg.Client.prototype, 'query');
    const listener = { onNotification() {}, onReconnect() {} };
    const subscribed = () => Promise.all(Array.from({ length: 20 }, () => notifications.subscribe('sports', listener)));
    const leave = [...(await subscribed()), ...(await subscribed())];
    const asked = query.mock.calls.filter(([text]) => String(text).startsWith('listen'));
    query.mockRestore();
    for (const each of leave) each();
    expect(asked).toHaveLength(1);
  });

  it('give their session one statement at a time, however many subscribe at once', async () => {
    const warnings: string[] = [];
    const warned = ({ message }: Error) => void warnings.push(message);
    process.on('warning', warned);
    const listener = { onNotification() {}, onReconnect() {} };
    const leave = await Promise.all(['news', 'news', 'weather'].map((name) => notifications.subscribe(name, listener)));
    // Told in a later turn.
    await sleep(20);
    process.off('warning', warned);
    for (const each of leave) each();
    expect(warnings).toEqual([]);
  });

  it('come again after the connection was cut, and the subscriber is told', async () => {
    const received: string[] = [];
    let reconnects = 0;
    await notifications.subscribe('news', {
      onNotification: (text) => received.push(text),
      onReconnect: () => reconnects++,
    });
    await database.dataSource.query(`select pg_terminate_backend(pid) from ${listeningSessions}`);
    await until(() => reconnects === 1);
    await notify('back');
    await until(() => received.length === 1);
    expect(received).toEqual(['back']);
  });
});
