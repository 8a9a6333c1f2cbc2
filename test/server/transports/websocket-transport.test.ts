import { EventEmitter } from 'node:events';
import type { Server } from 'graphql-ws';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { carry, type Carried } from '../../../src/server/transports/websocket-transport.js';

const protocol = { opened: () => () => Promise.resolve() } as unknown as Server<Carried>;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a WebSocket', () => {
  /** A socket whose peer says nothing by itself. */
  function carried(bufferedAmount = 0) {
    const socket = Object.assign(new EventEmitter(), { bufferedAmount, ping: vi.fn(), terminate: vi.fn() });
    carry(protocol, socket as unknown as WebSocket, { isKnown: true }, pino({ level: 'silent' }));
    return socket;
  }

  it('is ended where its peer answers no ping any more', () => {
    const socket = carried();
    socket.ping.mockImplementationOnce(() => socket.emit('pong'));
    vi.advanceTimersByTime(24_000);
    expect(socket.ping).toHaveBeenCalledTimes(2);
    expect(socket.terminate).not.toHaveBeenCalled();
    vi.advanceTimersByTime(12_000);
    expect(socket.terminate).toHaveBeenCalledOnce();
    socket.emit('close', 1006, '');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is ended where its peer pings, and reads no answers to it', () => {
    carried(1_000).emit('ping');
    const socket = carried(9_000_000);
    socket.emit('ping');
    expect(socket.terminate).toHaveBeenCalledOnce();
  });
});
