import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { InTurn } from './in-turn.js';
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
  private session: InTurn | undefined;
  private connecting: Promise<InTurn> | undefined;
  /** The pending LISTEN of each channel, which concurrent subscribers share. */
  private readonly listening = new Map<string, Promise<unknown>>();
  private readonly checker: NodeJS.Timeout;
  private closed = false;

  constructor(private readonly dataSource: DataSource) {
    this.checker = setInterval(() => this.session?.check(), checkIntervalMs);
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
    const session = await this.connecting?.catch(() => undefined);
    await session?.end();
  }

  private connected(): Promise<InTurn> {
    this.connecting ??= this.connect();
    this.connecting.catch(() => (this.connecting = undefined));
    return this.connecting;
  }

  private async connect(): Promise<InTurn> {
    const client = await openClient(this.dataSource, queryTimeoutMs);
    client.on('notification', ({ channel, payload }) => {
      for (const listener of this.listeners.get(channel) ?? []) listener.onNotification(payload ?? '');
    });
    client.once('end', () => void this.reconnect());
    this.listening.clear();
    this.session = new InTurn(client);
    return this.session;
  }

  private listen(session: InTurn, channel: string): Promise<unknown> {
    const known = this.listening.get(channel);
    if (known) return known;
    const asked = session.query(`listen ${pg.escapeIdentifier(channel)}`);
    this.listening.set(channel, asked);
    asked.catch(() => this.listening.delete(channel));
    return asked;
  }

  private async reconnect(): Promise<void> {
    this.session = undefined;
    this.connecting = undefined;
    while (!this.closed) {
      try {
        const session = await this.connected();
        for (const channel of this.listeners.keys()) await this.listen(session, channel);
        for (const listeners of this.listeners.values()) for (const listener of listeners) listener.onReconnect();
        return;
      } catch {
        await sleep(reconnectMs);
      }
    }
  }
}
