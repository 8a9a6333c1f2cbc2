import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { killWhenStuck } from '../src/signs-of-life.js';

it('waits for no sign of life of a process that could not be started', async () => {
  const child = fork('worker.js', { execPath: '/no/such/node' });
  const onKill = vi.fn();
  killWhenStuck(child, onKill, 50);
  await once(child, 'error');
  await sleep(300);
  expect(onKill).not.toHaveBeenCalled();
});
