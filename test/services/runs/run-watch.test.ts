import { expect, it } from 'vitest';
import type { Notifications } from '../../../src/database/notifications.js';
import { Run } from '../../../src/entities/index.js';
import { RunWatch } from '../../../src/services/runs/run-watch.js';

type Listener = Parameters<Notifications['subscribe']>[1];

it('a watch of a run shows what changed while its connection was lost', async () => {
  let listener: Listener | undefined;
  const subscribe = async (_channel: string, given: Listener) => ((listener = given), () => undefined);
  let phase = 'cleaning';
  const read = async () => Object.assign(new Run(), { phase, settledAt: null });
  const watch = new RunWatch({ subscribe } as unknown as Notifications, '7', read);
  expect((await watch.next()).value).toMatchObject({ phase: 'cleaning' });
  const next = watch.next();
  phase = 'writing';
  listener?.onReconnect();
  const soon = new Promise((resolve) => setTimeout(resolve, 2_000, 'nothing'));
  expect(await Promise.race([next, soon])).toMatchObject({ value: { phase: 'writing' } });
  await watch.return();
});
