import { z } from 'zod';
import { dayMs, dayOf } from '../../days.js';
import { ClvError, reasonOf } from '../../errors.js';
import { parsedBy } from '../zod-problems.js';
import { clockJumps, wallClock } from './clock-changes.js';
import { type RetrainConditions, retrainConditions } from './retrain-conditions.js';

export interface RetrainSchedule {
  /** Five fields: minute, hour, day of month, month, day of week. */
  readonly cron: string;
  /** IANA name of the time zone that the expression is read in. */
  readonly timezone: string;
  /** Input of the RETRAIN runs that it starts. */
  readonly input: Record<string, unknown>;
  readonly nextRunAt: Date | null;
}

/** Stores the schedule, and starts retrains by it. */
export interface RetrainTimer {
  scheduleRetrain(cron: string, timezone: string, input: Record<string, unknown>, from: Date): Promise<void>;
  unscheduleRetrain(): Promise<void>;
  scheduledRetrain(): Promise<Omit<RetrainSchedule, 'nextRunAt'> | null>;
  /**
   * @param after by default now
   * @throws Error for an expression or a time zone that cannot be read
   */
  nextOccurrence(cron: string, timezone: string, after?: Date): Date | null;
}

/** Clocks are changed twice a year, on dates that governments move. */
const daysLookedAhead = 731;
const hourMs = 3_600_000;

/** As in the API, where fields that are left out may also be null. */
type Nullable<T> = { [Key in keyof T]: T[Key] | null };

/** The schedule of retrains, of which there is one. */
export class SchedulesService {
  constructor(private readonly timer: RetrainTimer) {}

  /**
   * Sets the schedule, in place of an earlier one.
   * @param onlyIf when due, it retrains only if one of these conditions holds; without it, always
   * @throws ClvError BAD_USER_INPUT
   */
  async scheduleRetrain(
    cron: string,
    timezone = 'UTC',
    onlyIf: Nullable<RetrainConditions> | null = null,
  ): Promise<RetrainSchedule> {
    const expression = cron.trim().replace(/\s+/g, ' ');
    const nextRunAt = this.validated(expression, timezone);
    const input = onlyIf ? { onlyIf: checked(onlyIf) } : {};
    await this.timer.scheduleRetrain(expression, timezone, input, nextRunAt);
    return { cron: expression, timezone, input, nextRunAt };
  }

  /** @returns whether there was a schedule */
  async unscheduleRetrain(): Promise<boolean> {
    const scheduled = await this.timer.scheduledRetrain();
    await this.timer.unscheduleRetrain();
    return scheduled !== null;
  }

  async retrainSchedule(): Promise<RetrainSchedule | null> {
    const schedule = await this.timer.scheduledRetrain();
    return schedule && { ...schedule, nextRunAt: this.timer.nextOccurrence(schedule.cron, schedule.timezone) };
  }

  private validated(cron: string, timezone: string): Date {
    // H is a random time, as in Jenkins, which would be another one each time it is evaluated.
    if (cron.split(' ').length !== 5 || /(^|[\s,])h/i.test(cron)) {
      throw new ClvError(
        'BAD_USER_INPUT',
        `"${cron}" is not a cron expression: it takes five fields (minute, hour, day of month, month, day of week), e.g. "0 3 * * 1" for Mondays at 03:00.`,
      );
    }
    if (timezone.trim() === '') {
      throw new ClvError('BAD_USER_INPUT', 'The time zone is empty: give its IANA name, e.g. Europe/Berlin.');
    }
    let next: Date | null;
    try {
      next = this.timer.nextOccurrence(cron, timezone);
    } catch (cause) {
      // Some of the timer's messages end with a full stop, most do not.
      const reason = reasonOf(cause).replace(/\.$/, '');
      throw new ClvError(
        'BAD_USER_INPUT',
        `The schedule "${cron}" in time zone "${timezone}" cannot be read: ${reason}.`,
        { cause },
      );
    }
    if (!next) throw new ClvError('BAD_USER_INPUT', `The schedule "${cron}" never comes due.`);
    this.refuseMissingTimes(cron, timezone);
    return next;
  }

  /**
   * Refuses local times that a change of the clock skips: such a time would be announced for later, but not fire; in some zones it would
   * block the timer until the next occurrence.
   */
  private refuseMissingTimes(cron: string, timezone: string): void {
    const now = new Date();
    for (const jump of clockJumps(timezone, now, new Date(now.getTime() + daysLookedAhead * dayMs))) {
      const promised = this.timer.nextOccurrence(cron, timezone, justBefore(jump));
      if (!promised) continue;
      const missing = new Date(wallClock(timezone, new Date(jump.getTime() - 1_000)).getTime() + 1_000);
      const exists = wallClock(timezone, jump);
      // An hourly schedule simply continues in the next hour.
      const isSkipped = this.onClock(cron, missing) < exists.getTime() && promised.getTime() - jump.getTime() > hourMs;
      const shown = wallClock(timezone, promised);
      if (!isSkipped && this.onClock(cron, shown) === shown.getTime()) continue;
      const [from, to] = [missing, exists].map((at) => at.toISOString().slice(11, 16));
      throw new ClvError(
        'BAD_USER_INPUT',
        `The schedule "${cron}" asks for a time that does not exist in ${timezone} on ${dayOf(exists)}: ` +
          `clocks go from ${from} to ${to}. Choose an hour before or after, or the time zone UTC.`,
      );
    }
  }

  /** The next local time of the expression, at or after a local time, regardless of changes of the clock. */
  private onClock(cron: string, from: Date): number {
    return this.timer.nextOccurrence(cron, 'UTC', justBefore(from))?.getTime() ?? Infinity;
  }
}

const justBefore = (at: Date) => new Date(at.getTime() - 1);

const schedule = z.object({ onlyIf: retrainConditions });

function checked(onlyIf: Nullable<RetrainConditions>): RetrainConditions {
  const given = Object.fromEntries(Object.entries(onlyIf).filter(([, value]) => value !== null));
  return parsedBy(schedule, { onlyIf: given }, "The schedule's condition is wrong.").onlyIf;
}
