import type { EntityManager } from 'typeorm';
import { ModelVersion, Snapshot } from '../../entities/index.js';
import { ClvError } from '../../errors.js';
import { globalIdText } from '../../global-id-text.js';
import { noSuch } from '../no-such.js';

const kinds = {
  model: { name: 'Model', entity: ModelVersion },
  snapshot: { name: 'Snapshot', entity: Snapshot },
} as const;

type Kind = keyof typeof kinds;

/** What inputs of runs name, under which names. */
const named: Readonly<Record<string, Kind>> = { modelId: 'model', againstId: 'model', snapshotId: 'snapshot' };

interface Used {
  readonly kind: Kind;
  readonly id: string;
  /** The run that made it. */
  readonly runId: string | null;
  /** Until when it may have been the active model, with which retrains compare and score; null if it never was. */
  readonly servedUntil?: Date | 'infinity' | null;
}

/**
 * Locks what a new run is to work on until the transaction that records the run ends: a deletion then sees the run.
 * @throws ClvError NOT_FOUND for what was deleted since it was looked up
 */
export async function holdForRun(manager: EntityManager, input: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [name, kind] of Object.entries(named)) {
    const id = input[name];
    if (typeof id !== 'string' || (await lockRow(manager, kind, id, 'for_key_share'))) continue;
    throw noSuch(kind, id, 'It has just been deleted. Choose another one.');
  }
}

/**
 * Locks what is to be deleted, so that no run is started with it.
 * @throws ClvError CONFLICT while a run makes it or works on it
 */
export async function lockUnused(manager: EntityManager, used: Used): Promise<void> {
  // Before the lock, too, for which a run that ranks the base would be waited for.
  await refuseWhileInUse(manager, used);
  await lockRow(manager, used.kind, used.id, 'pessimistic_write');
  await refuseWhileInUse(manager, used);
}

/** @returns whether it is there */
async function lockRow(
  manager: EntityManager,
  kind: Kind,
  id: string,
  mode: 'for_key_share' | 'pessimistic_write',
): Promise<boolean> {
  const row = await manager.findOne<ModelVersion | Snapshot>(kinds[kind].entity, {
    select: { id: true },
    where: { id },
    lock: { mode },
  });
  return row !== null;
}

async function refuseWhileInUse(manager: EntityManager, { kind, id, runId, servedUntil = null }: Used): Promise<void> {
  const inputs = Object.keys(named).filter((name) => named[name] === kind);
  const [run] = await manager.query<{ id: string; kind: string }[]>(
    `select id, kind from run
     where state in ('PENDING', 'RUNNING')
       and (id = $1 or exists (select from unnest($2::text[]) name where input->>name = $3)
         or (kind = 'RETRAIN' and started_at <= $4))
     limit 1`,
    [runId, inputs, id, servedUntil],
  );
  if (!run) return;
  throw new ClvError(
    'CONFLICT',
    `${kinds[kind].name} ${id} is in use by the ${run.kind} run ${globalIdText('Run', run.id)}. Wait until that has ended, or cancel it.`,
  );
}
