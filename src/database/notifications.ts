import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { openClient } from './pool.js';

const reconnectMs = 500;
const checkIntervalMs = 15_000;
const queryTimeoutMs = 10_000;

interface NotificationListener {
  onNotification(payload: string): void;
  /** The connection was lost and is back: notifications in between were missed. */
  onReconnect(): void;
}

/** One LISTEN connection per process, shared by all who wait for a NOTIFY. It reconnects by itself. */
export class Notifications {
  private readonly listeners = new Map<string, Set<NotificationListener>>();
  private client: pg.Client | undefined;
  private connecting: Promise<pg.Client> | undefined;
  /** The pending LISTEN of each channel, which concurrent subscribers share. */
  private readonly listening = new Map<string, Promise<unknown>>();
  /** The last statement, since the session gets them one after another. */
  private asked: Promise<unknown> = Promise.resolve();
  private readonly checker: NodeJS.Timeout;
  private closed = false;

  constructor(private readonly dataSource: DataSource) {
    // Only a statement notices that the server has vanished.
    this.checker = setInterval(() => void this.check(), checkIntervalMs);
    this.checker.unref();
  }

  /** Resolves when every later notification is sure to arrive. @returns what ends the subscription */
  async subscribe(channel: string, listener: NotificationListener): Promise<() => void> {
    const known = this.listeners.get(channel) ?? new Set();
    known.add(listener);
    this.listeners.set(channel, known);
    const unsubscribe = () => void known.delete(listener);
    try {
      await this.listen(await this.connected(), channel);
    } catch (error) {
      unsubscribe();
      throw error;
    }
    return unsubscribe;
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.checker);
    const client = await this.connecting?.catch(() => undefined);
    await client?.end().catch(() => undefined);
  }

  private connected(): Promise<pg.Client> {
    this.connecting ??= this.connect();
    this.connecting.catch(() => (this.connecting = undefined));
    return this.connecting;
  }

  private async connect(): Promise<pg.Client> {
    const client = await openClient(this.dataSource, queryTimeoutMs);
    client.on('notification', ({ channel, payload }) => {
      for (const listener of this.listeners.get(channel) ?? []) listener.onNotification(payload ?? '');
    });
    client.once('end', () => void this.reconnect());
    this.listening.clear();
    this.client = client;
    return client;
  }

  private listen(client: pg.Client, channel: string): Promise<unknown> {
    const known = this.listening.get(channel);
    if (known) return known;
    const asked = this.ask(client, `listen ${pg.escapeIdentifier(channel)}`);
    this.listening.set(channel, asked);
    asked.catch(() => this.listening.delete(channel));
    return asked;
  }

  private ask(client: pg.Client, statement: string): Promise<unknown> {
    const answer = this.asked.then(() => client.query(statement));
    this.asked = answer.catch(() => undefined);
    return answer;
  }

  private async check(): Promise<void> {
    const client = this.client;
    if (client) await this.ask(client, 'select 1').catch(() => client.end());
  }

  private async reconnect(): Promise<void> {
    this.client = undefined;
    this.connecting = undefined;
    while (!this.closed) {
      try {
        const client = await this.connected();
        for (const channel of this.listeners.keys()) await this.listen(client, channel);
        for (const listeners of this.listeners.values()) for (const listener of listeners) listener.onReconnect();
        return;
      } catch {
        await sleep(reconnectMs);
      }
    }
  }
}
