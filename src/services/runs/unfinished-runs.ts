import type { EntityManager } from 'typeorm';
import { ClvError } from '../../errors.js';
import { globalIdText } from '../../global-id-text.js';

interface Used {
  /** Name in messages, e.g. "Model 7". */
  readonly name: string;
  readonly id: string;
  /** The run that made it. */
  readonly runId: string | null;
  /** Names of the inputs of runs that hold its id. */
  readonly inputs: readonly string[];
  /** Until when it may have been the active model, with which retrains compare and score; null if it never was. */
  readonly servedUntil?: Date | 'infinity' | null;
}

/** @throws ClvError CONFLICT while a run makes it or works on it */
export async function refuseWhileInUse(
  manager: EntityManager,
  { name, id, runId, inputs, servedUntil = null }: Used,
): Promise<void> {
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
    `${name} is in use by the ${run.kind} run ${globalIdText('Run', run.id)}. Wait until that has ended, or cancel it.`,
  );
}
