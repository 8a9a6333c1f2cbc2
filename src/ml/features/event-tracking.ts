import type { Queryable } from '../../database/queryable.js';
import { utcDayOf, utcMidnightOf } from '../../database/utc-day.js';
import { dayNumber, wholeYearDays } from '../../days.js';
import { clamp } from '../../math.js';
import { eventCountDays, eventCounts } from './event-tables.js';
import { featurePosition } from './feature-definitions.js';
import { arrivalsByDay } from './prior/clock/purchase-clock.js';
import type { RfmColumns } from './prior/rfm-summary.js';

/**
 * By feature, the day since which its events have been recorded, in days since 1970-01-01; absent where that is as long as training rows
 * look back. That there are none before it says nothing about a customer.
 */
export type EventTracking = Readonly<Record<string, number>>;

const sinceEvent = 'days_since_event';
/** Of the days that a feature looks back, so many must have been recorded. */
const leastDays = 7;
/** Days without events, and the events that were to be expected in them: a rare type may be late by chance. */
const leastGap = { days: 28, events: 20 };
/** So many days from the first events on must have that part of the usual number: a few tickets of old are no recording of them. */
const firstDays = 28;
const leastPart = 0.1;

interface History {
  /** First day of it. */
  readonly begins: Date;
  readonly asOf: Date;
  /** The earliest as-of date of a training row. */
  readonly oldest: Date;
  /** Customers as of `asOf`, or a sample of them. */
  readonly columns: Pick<RfmColumns, 'age'>;
}

interface EventDay {
  /** Since 1970-01-01. */
  readonly day: number;
  readonly events: number;
}

/**
 * Since when each type of event has been recorded; events before the UTC day of the as-of instant count.
 * @returns undefined where all were for as long as training rows look back
 */
export async function readEventTracking(queryable: Queryable, history: History): Promise<EventTracking | undefined> {
  const { begins, asOf, oldest } = history;
  const rows = await queryable.query<EventDay & { type: string }>(
    `select type, (occurred_at at time zone 'UTC')::date - date '1970-01-01' as day, count(*)::float8 as events
     from behavior_event where occurred_at >= $1 and occurred_at < ${utcMidnightOf(utcDayOf('$2'))}
     group by 1, 2 order by 2`,
    [begins, asOf],
  );
  const types = [...Object.entries(eventCounts), [sinceEvent] as const];
  const found = types.flatMap(([name, only]) => {
    const since = recordedSince(
      rows.filter(({ type }) => only === undefined || type === only),
      history,
    );
    return since === null || since <= dayNumber(oldest) - lookBack(name) ? [] : [[name, since] as const];
  });
  return found.length > 0 ? Object.fromEntries(found) : undefined;
}

/** Days that a feature looks back. */
const lookBack = (name: string): number => (name === sinceEvent ? wholeYearDays : eventCountDays);

/**
 * The day since which events come as usual, by the number of customers there were.
 * @param days with events, in the order of time
 * @returns null where they have come from about the first day on, or there are none
 */
export function recordedSince(days: readonly EventDay[], { begins, asOf, columns }: Omit<History, 'oldest'>) {
  const begin = dayNumber(begins);
  const end = dayNumber(asOf);
  const customerDays = customerDaysBetween(begin, end, arrivalsByDay(columns, asOf));
  const eventsBetween = (from: number, to: number) =>
    days.reduce((total, { day, events }) => total + (day >= from && day < to ? events : 0), 0);
  for (const { day } of days) {
    const usual = eventsBetween(day, end) / customerDays(day, end);
    const until = Math.min(day + firstDays, end);
    if (eventsBetween(day, until) < leastPart * usual * customerDays(day, until)) continue;
    return day - begin >= leastGap.days && usual * customerDays(begin, day) >= leastGap.events ? day : null;
  }
  return null;
}

/** @returns the days of two days of [begin, end), summed over the customers who had come */
function customerDaysBetween(begin: number, end: number, arrivals: ReadonlyMap<number, number>) {
  const upTo = new Float64Array(end - begin + 1);
  let customers = 0;
  for (const [firstDay, count] of arrivals) if (firstDay < begin) customers += count;
  for (let day = begin; day < end; day++) {
    customers += arrivals.get(day) ?? 0;
    upTo[day - begin + 1] = upTo[day - begin]! + customers;
  }
  return (from: number, to: number) => upTo[to - begin]! - upTo[from - begin]!;
}

/** Whether most events had been recorded for fewer days, as of a day, than they are counted on. */
export const isRecordedLate = (tracking: EventTracking, asOf: Date): boolean =>
  dayNumber(asOf) - (tracking[sinceEvent] ?? -Infinity) < eventCountDays;

/**
 * Features as of a day on which not all of their events had been recorded: numbers of events as if they had gone on like that for all the
 * days looked at, null where hardly any of them was recorded; and the last event, if there is none, at the begin of the recording.
 */
export function knownFeatures(
  features: readonly (number | null)[],
  asOf: Date,
  tracking: EventTracking,
): (number | null)[] {
  const known = [...features];
  for (const [name, since] of Object.entries(tracking)) {
    const days = lookBack(name);
    const recorded = clamp(dayNumber(asOf) - since, 0, days);
    if (recorded === days) continue;
    const position = featurePosition(name);
    const value = known[position] ?? null;
    if (recorded < leastDays) known[position] = null;
    else if (name === sinceEvent) known[position] = value ?? recorded;
    else known[position] = ((value ?? 0) * days) / recorded;
  }
  return known;
}
