import { type EntityManager, type FindOptionsWhere, In, IsNull, type QueryDeepPartialEntity } from 'typeorm';
import { ModelVersion, Run, type RunError } from '../../entities/index.js';
import { deleteArtifact } from '../models/model-artifacts.service.js';

/** Announces every change of a run; the payload is its id. */
export const runProgressChannel = 'run_progress';
/** Asks the worker of a run to stop; the payload is the run's id. */
export const runCancelChannel = 'run_cancel';

export const isSettled = (run: Run): boolean => run.settledAt !== null;

/** One attempt of a run. It can no longer write once another attempt has begun. */
type Attempt = Pick<Run, 'id' | 'attempts'>;

/** Changes a run if it is as expected, and announces it. @returns whether it was changed */
export async function changeRun(
  manager: EntityManager,
  expected: FindOptionsWhere<Run> & { id: string },
  change: QueryDeepPartialEntity<Run>,
): Promise<boolean> {
  const { affected } = await manager.update(Run, expected, change);
  if (affected) await manager.query('select pg_notify($1, $2)', [runProgressChannel, expected.id]);
  return affected === 1;
}

/** The database's clock, which also says when runs were started, whatever machine they run on. */
export const now = () => 'now()';

/** Phase of a pending run, whether it is new or was given back. */
export const waitingForWorker = 'waiting for a worker';

/** Whoever writes both a run and its job locks the run first. */
export function lockRun(manager: EntityManager, id: string): Promise<Run> {
  return manager.findOneOrFail(Run, { where: { id }, lock: { mode: 'pessimistic_write' } });
}

/** Requests the cancellation of a run. A repeated request keeps the time of the first one. */
export async function requestCancel(manager: EntityManager, id: string): Promise<void> {
  await changeRun(manager, { id, state: 'RUNNING', cancelRequestedAt: IsNull() }, { cancelRequestedAt: now });
  await manager.query('select pg_notify($1, $2)', [runCancelChannel, id]);
}

/** Begins the next attempt. @returns null if the run has ended meanwhile */
export async function beginAttempt(manager: EntityManager, id: string): Promise<Run | null> {
  const begun = await changeRun(
    manager,
    { id, state: In(['PENDING', 'RUNNING']) },
    {
      state: 'RUNNING',
      attempts: () => 'attempts + 1',
      startedAt: () => 'coalesce(started_at, now())',
      progress: 0,
      phase: '',
    },
  );
  return begun ? manager.findOneByOrFail(Run, { id }) : null;
}

export type Outcome =
  | { state: 'COMPLETED'; result: Record<string, unknown> | null }
  | { state: 'FAILED'; error: RunError }
  | { state: 'CANCELLED' }
  /** Another attempt is to follow. */
  | { state: 'PENDING'; phase: string; attemptCounts: boolean };

/** Ends an attempt, if it is still the run's current one. */
export async function endAttempt(manager: EntityManager, { id, attempts }: Attempt, outcome: Outcome): Promise<void> {
  const ended = await changeRun(manager, { id, attempts, state: 'RUNNING' }, changeOf(outcome, attempts));
  if (ended && (outcome.state === 'FAILED' || outcome.state === 'CANCELLED')) await abandonModels(manager, id);
}

/** After the last attempt of a run: marks the models that it was training as failed. */
export async function abandonModels(manager: EntityManager, runId: string): Promise<void> {
  const unfinished = await manager.findBy(ModelVersion, { runId, state: 'TRAINING' });
  for (const { id } of unfinished) {
    await manager.update(ModelVersion, id, { state: 'FAILED' });
    await deleteArtifact(manager, id, 'CHECKPOINT');
  }
}

function changeOf(outcome: Outcome, attempts: number): QueryDeepPartialEntity<Run> {
  switch (outcome.state) {
    case 'COMPLETED':
      return { state: 'COMPLETED', progress: 1, phase: '', result: outcome.result as object, settledAt: now };
    case 'FAILED':
      return { state: 'FAILED', error: outcome.error, settledAt: now };
    case 'CANCELLED':
      return { state: 'CANCELLED', settledAt: now };
    case 'PENDING':
      return {
        state: 'PENDING',
        phase: outcome.phase,
        attempts: outcome.attemptCounts ? attempts : attempts - 1,
      };
  }
}

/** Writes and announces the progress of an attempt, in one round trip. */
export async function writeProgress(
  manager: EntityManager,
  { id, attempts }: Attempt,
  phase: string,
  progress: number,
): Promise<void> {
  await manager.query(
    `with written as (
       update run set phase = $3, progress = $4 where id = $1 and attempts = $2 and state = 'RUNNING' returning id
     )
     select pg_notify($5, id::text) from written`,
    [id, attempts, phase, progress, runProgressChannel],
  );
}
