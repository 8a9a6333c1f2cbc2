import { describe, expect, it } from 'vitest';
import { Executions, type Execution } from '../../src/jobs/executions.js';
import { Stopper } from '../../src/jobs/stopper.js';
import { Run } from '../../src/entities/index.js';
import { useTestDatabase } from '../support/database.js';

const neverLost = new AbortController().signal;

describe('what stops a job', () => {
  it('is the first reason that there is', () => {
    const stopper = new Stopper(neverLost);
    expect(stopper.reason).toBeUndefined();
    stopper.stop('cancel');
    stopper.stop('shutdown');
    expect(stopper.reason).toBe('cancel');
    expect(stopper.signal.reason).toMatchObject({ code: 'RUN_CANCELLED' });
  });

  it('is the loss of its claim, too', () => {
    const claim = new AbortController();
    const stopper = new Stopper(claim.signal);
    claim.abort();
    expect(stopper.reason).toBe('claim lost');
    expect(stopper.signal.aborted).toBe(true);
  });
});

describe('the jobs that a worker is at', () => {
  const database = useTestDatabase();

  /** A job of a run that goes on until it is ended. */
  function jobOf(runId: string) {
    let end = () => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    const execution: Execution = { runId, stopper: new Stopper(neverLost), execute: () => ended };
    return { execution, end };
  }

  it('stop for the run that is cancelled, as long as they go on', async () => {
    const executions = new Executions(database.dataSource);
    const [one, other, done] = [jobOf('1'), jobOf('2'), jobOf('1')];
    const running = [one, other, done].map(({ execution }) => executions.execute(execution));
    done.end();
    await running[2];
    executions.cancel(['1']);
    expect([one, other, done].map(({ execution }) => execution.stopper.reason)).toEqual([
      'cancel',
      undefined,
      undefined,
    ]);
    one.end();
    other.end();
    await Promise.all(running);
  });

  it('stop with the worker, those that were on their way, too', async () => {
    const executions = new Executions(database.dataSource);
    const [before, after] = [jobOf('1'), jobOf('2')];
    const running = [executions.execute(before.execution)];
    executions.stopAll('shutdown');
    running.push(executions.execute(after.execution));
    expect([before, after].map(({ execution }) => execution.stopper.reason)).toEqual(['shutdown', 'shutdown']);
    before.end();
    after.end();
    await Promise.all(running);
  });

  it('stop for requests that were missed while Postgres was away, and for no others', async () => {
    const { manager } = database.dataSource;
    const executions = new Executions(database.dataSource);
    const runs = [new Date(), null, new Date()].map((cancelRequestedAt) =>
      manager.create(Run, { kind: 'SCORE', input: {}, state: 'RUNNING', cancelRequestedAt }),
    );
    const [asked, going] = (await manager.save(runs)).slice(0, 2).map(({ id }) => jobOf(id)) as [
      ReturnType<typeof jobOf>,
      ReturnType<typeof jobOf>,
    ];
    const running = [asked, going].map(({ execution }) => executions.execute(execution));
    await executions.cancelRequested();
    expect([asked, going].map(({ execution }) => execution.stopper.reason)).toEqual(['cancel', undefined]);
    asked.end();
    going.end();
    await Promise.all(running);
  });
});
