import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ScheduleData, scheduleQueue } from '../../src/jobs/queued-job.js';
import { type Worker, startWorker } from '../../src/jobs/worker.js';
import { type TestJobs, createTestJobs, silent, untilSettled } from '../support/jobs.js';
import { handlers } from './fixtures/handlers.js';

describe('the retrain schedule', () => {
  let jobs: TestJobs;
  beforeAll(async () => void (jobs = await createTestJobs()));
  afterAll(() => jobs[Symbol.asyncDispose]());

  it('is set, shown with its next time, replaced and removed', async () => {
    expect(await jobs.schedules.retrainSchedule()).toBeNull();
    await jobs.schedules.scheduleRetrain('0 3 * * *');
    const set = await jobs.schedules.scheduleRetrain(' 30  4 * * 1', 'Europe/Paris', { driftAbove: 0.25 });
    const shown = await jobs.schedules.retrainSchedule();
    expect(shown).toEqual(set);
    expect(shown).toMatchObject({
      cron: '30 4 * * 1',
      timezone: 'Europe/Paris',
      input: { onlyIf: { driftAbove: 0.25 } },
    });
    const next = new Intl.DateTimeFormat('en-GB', {
      timeZone: 'Europe/Paris',
      weekday: 'short',
      timeStyle: undefined,
      hour: '2-digit',
      minute: '2-digit',
    }).format(shown!.nextRunAt!);
    expect(next).toBe('Mon 04:30');
    expect(shown!.nextRunAt!.getTime()).toBeGreaterThan(Date.now());
    expect(await jobs.schedules.unscheduleRetrain()).toBe(true);
    expect(await jobs.schedules.unscheduleRetrain()).toBe(false);
    expect(await jobs.schedules.retrainSchedule()).toBeNull();
  });

  it.each([
    ['every day', 'UTC', 'five fields'],
    ['* * * * * *', 'UTC', 'five fields'],
    ['61 * * * *', 'UTC', '61 * * * *'],
    ['*/0 * * * *', 'UTC', 'every 0 time.'],
    ['0 3 31 2 *', 'UTC', '0 3 31 2 *'],
    ['H 3 * * *', 'UTC', 'five fields'],
    ['0 3,h * * *', 'UTC', 'five fields'],
    ['0 3 * * *', 'Mars/Olympus', 'Mars/Olympus'],
    ['0 3 * * *', '', 'The time zone is empty'],
    ['0 3 * * *', ' ', 'The time zone is empty'],
  ])('refuses %j in %j and says why', async (cron, timezone, reason) => {
    const refused = jobs.schedules.scheduleRetrain(cron, timezone);
    await expect(refused).rejects.toMatchObject({ code: 'BAD_USER_INPUT', message: expect.stringContaining(reason) });
    await expect(refused).rejects.not.toThrow('..');
    expect(await jobs.schedules.retrainSchedule()).toBeNull();
  });
});

describe('a retrain schedule, where clocks are put forward', () => {
  let jobs: TestJobs;
  beforeAll(async () => void (jobs = await createTestJobs()));
  afterAll(() => jobs[Symbol.asyncDispose]());

  it.each([
    ['30 2 * * *', 'Europe/Berlin', 'clocks go from 02:00 to 03:00'],
    ['0 2 * * 0', 'Europe/Berlin', 'clocks go from 02:00 to 03:00'],
    ['* 2 * * *', 'America/New_York', 'clocks go from 02:00 to 03:00'],
    ['0 0 * * 0', 'Asia/Beirut', 'clocks go from 00:00 to 01:00'],
    ['0 0,12 * * *', 'Africa/Cairo', 'clocks go from 00:00 to 01:00'],
    ['15 2 * * *', 'Australia/Lord_Howe', 'clocks go from 02:00 to 02:30'],
    ['0 2,14 * * 0', 'Australia/Lord_Howe', 'clocks go from 02:00 to 02:30'],
  ])('is refused for %j in %s, whose time is left out', async (cron, timezone, reason) => {
    const message = expect.stringMatching(`does not exist in ${timezone} on \\d{4}-\\d\\d-\\d\\d: ${reason}.*UTC`);
    const refused = jobs.schedules.scheduleRetrain(cron, timezone);
    await expect(refused).rejects.toMatchObject({ code: 'BAD_USER_INPUT', message });
  });

  it.each([
    ['0 3 * * *', 'Europe/Berlin'],
    ['30 2 * * 1', 'Europe/Berlin'],
    ['0 * * * *', 'Europe/Berlin'],
    ['0 1-5 * * *', 'Europe/Berlin'],
    ['0 1 * * 0', 'Asia/Beirut'],
    ['0 * * * *', 'Australia/Lord_Howe'],
    ['5 * * * *', 'Australia/Lord_Howe'],
    ['30 2 * * *', 'Australia/Lord_Howe'],
    ['15 2 * * 1', 'Australia/Lord_Howe'],
    ['30 2 * * *', 'Asia/Tokyo'],
    ['30 2 * * *', 'UTC'],
    ['30 2 * * *', 'UTC+3'],
  ])('is set for %j in %s, whose times exist', async (cron, timezone) => {
    expect(await jobs.schedules.scheduleRetrain(cron, timezone)).toMatchObject({ cron, timezone });
  });
});

describe('the condition of a retrain schedule', () => {
  let jobs: TestJobs;
  beforeAll(async () => void (jobs = await createTestJobs()));
  afterAll(() => jobs[Symbol.asyncDispose]());

  it.each([
    [{}, 'driftAbove, olderThanDays or realisedBiasAbove'],
    [{ driftAbove: null, olderThanDays: null }, 'driftAbove, olderThanDays or realisedBiasAbove'],
    [{ driftAbove: -1 }, 'onlyIf.driftAbove'],
    [{ olderThanDays: 0.5 }, 'onlyIf.olderThanDays'],
    [{ realisedBiasAbove: 0 }, 'onlyIf.realisedBiasAbove'],
  ])('refuses %j and says why', async (onlyIf, reason) => {
    const refused = jobs.schedules.scheduleRetrain('0 3 * * *', 'UTC', onlyIf);
    await expect(refused).rejects.toMatchObject({ code: 'BAD_USER_INPUT', message: expect.stringContaining(reason) });
  });

  it('may name one of the two', async () => {
    const { input } = await jobs.schedules.scheduleRetrain('0 3 * * *', 'UTC', { driftAbove: null, olderThanDays: 7 });
    expect(input).toEqual({ onlyIf: { olderThanDays: 7 } });
  });
});

describe('the retrain schedule, when it comes due', () => {
  let jobs: TestJobs;
  let worker: Worker;
  beforeAll(async () => {
    jobs = await createTestJobs();
    // Every minute, and as if set a minute ago: due as soon as a worker looks, since the last minute has just begun.
    await jobs.schedules.scheduleRetrain('* * * * *', 'UTC', { olderThanDays: 30 });
    await jobs.database.dataSource.query(
      `update pgboss.schedule set data = data::jsonb || jsonb_build_object('from', now() - interval '1 minute')`,
    );
    worker = await startWorker({ ...jobs, dataSource: jobs.database.dataSource, handlers, logger: silent });
  });
  afterAll(async () => {
    await worker.stop();
    await jobs[Symbol.asyncDispose]();
  });

  const retrains = async () => {
    const { edges } = await jobs.runs.page({ first: 10 }, { kind: 'RETRAIN' });
    return edges.map(({ node }) => node);
  };

  it('starts a RETRAIN run with the input of the schedule', async () => {
    let [run] = await retrains();
    for (let waited = 0; !run && waited < 20_000; waited += 100) {
      await sleep(100);
      [run] = await retrains();
    }
    expect(run).toMatchObject({ input: { onlyIf: { olderThanDays: 30 } }, requestedById: null });
    expect(await untilSettled(jobs.runs, run!.id)).toMatchObject({ state: 'COMPLETED' });
  });

  async function comesDue(data: ScheduleData): Promise<void> {
    const { dataSource } = jobs.database;
    const id = await jobs.queue.boss.send(scheduleQueue, data);
    for (let state = ''; state !== 'completed'; await sleep(50)) {
      [{ state }] = await dataSource.query<[{ state: string }]>('select state from pgboss.job where id = $1', [id]);
    }
  }

  it('starts none for the minute in which it was set', async () => {
    const before = (await retrains()).length;
    await comesDue({ input: {}, from: new Date(Date.now() + 30_000).toISOString() });
    expect(await retrains()).toHaveLength(before);
  });

  it('starts one though it was set by a clock that was far ahead and has been set back since', async () => {
    const { dataSource } = jobs.database;
    await dataSource.query(`update pgboss.schedule set updated_on = now() + interval '1 year'`);
    const before = (await retrains()).length;
    await comesDue({ input: {}, from: new Date(Date.now() + 365 * 86_400_000).toISOString() });
    const [run, ...earlier] = await retrains();
    expect(earlier).toHaveLength(before);
    await untilSettled(jobs.runs, run!.id);
  });

  it('starts none while another one is active', async () => {
    await jobs.database.dataSource.query(`insert into run (kind, state) values ('RETRAIN', 'RUNNING')`);
    const before = (await retrains()).length;
    await comesDue({ input: {}, from: new Date().toISOString() });
    expect(await retrains()).toHaveLength(before);
  });
});

describe('a retrain schedule that came due while no worker ran', () => {
  let jobs: TestJobs;
  beforeAll(async () => void (jobs = await createTestJobs()));
  afterAll(() => jobs[Symbol.asyncDispose]());

  it('starts one retrain as soon as there is a worker, however often it came due', async () => {
    const { dataSource } = jobs.database;
    // Hourly, at a minute that is half an hour away, and as if set two days ago; the last worker ended six hours ago.
    const minute = (new Date().getUTCMinutes() + 30) % 60;
    await jobs.schedules.scheduleRetrain(`${minute} * * * *`, 'UTC', { olderThanDays: 30 });
    await dataSource.query(
      `update pgboss.schedule set created_on = now() - interval '2 days',
         data = data::jsonb || jsonb_build_object('from', now() - interval '2 days')`,
    );
    await dataSource.query(`update pgboss.version set cron_on = now() - interval '6 hours'`);
    const worker = await startWorker({ ...jobs, dataSource, handlers, logger: silent });
    try {
      const fired = () => dataSource.query('select state from pgboss.job where name = $1', [scheduleQueue]);
      await expect.poll(fired, { timeout: 30_000 }).toEqual([{ state: 'completed' }]);
      const { edges } = await jobs.runs.page({ first: 10 }, { kind: 'RETRAIN' });
      expect(edges.map(({ node }) => node)).toMatchObject([{ input: { onlyIf: { olderThanDays: 30 } } }]);
    } finally {
      await worker.stop();
    }
  });
});
