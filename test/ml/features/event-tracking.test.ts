import { describe, expect, it } from 'vitest';
import { dayMs } from '../../../src/days.js';
import { type EventTracking, knownFeatures, recordedSince } from '../../../src/ml/features/event-tracking.js';
import { featureDefinitions, featurePosition } from '../../../src/ml/features/feature-definitions.js';
import { Random } from '../../../src/random.js';

const asOf = new Date('2024-07-01');
const end = asOf.getTime() / dayMs;
const historyDays = 800;
const history = (ages: readonly number[]) => ({
  begins: new Date(asOf.getTime() - historyDays * dayMs),
  asOf,
  columns: { age: Float64Array.from(ages) },
});
const even = Array.from({ length: 800 }, (_, i) => 1 + i);
/** Events of each of so many days before the as-of date. */
const eventsOf = (daysAgo: number, eventsOn: (daysAgo: number) => number) =>
  Array.from({ length: daysAgo }, (_, i) => daysAgo - i)
    .map((ago) => ({ day: end - ago, events: eventsOn(ago) }))
    .filter(({ events }) => events > 0);

describe('since when events have been recorded', () => {
  it('is the first day with events, long after the first customers', () => {
    expect(
      recordedSince(
        eventsOf(300, () => 10),
        history(even),
      ),
    ).toBe(end - 300);
  });

  it('is after a few old ones', () => {
    const strays = [700, 640, 500, 499].map((ago) => ({ day: end - ago, events: 2 }));
    expect(recordedSince([...strays, ...eventsOf(300, () => 10)], history(even))).toBe(end - 300);
  });

  it('is unknown where they come from the begin on, or nobody knows of any', () => {
    expect(
      recordedSince(
        eventsOf(historyDays, () => 10),
        history(even),
      ),
    ).toBeNull();
    expect(recordedSince([], history(even))).toBeNull();
  });

  it('is unknown where a rare type may have come late by chance', () => {
    const random = new Random('rare');
    const rare = eventsOf(600, () => (random.uniform() < 0.02 ? 1 : 0));
    expect(rare.length).toBeGreaterThan(5);
    expect(recordedSince(rare, history(even))).toBeNull();
  });

  it('is unknown where there are few events of old because there were few customers', () => {
    // Nineteen of twenty customers came in the last hundred days.
    const boom = [...even.filter((age) => age % 20 === 0), ...Array.from({ length: 760 }, (_, i) => 1 + (i % 100))];
    const customers = (ago: number) => boom.filter((age) => age >= ago).length;
    expect(
      recordedSince(
        eventsOf(historyDays, (ago) => Math.round(customers(ago) * 0.5)),
        history(boom),
      ),
    ).toBeNull();
  });
});

describe('features of events', () => {
  const since = end - 150;
  const tracking: EventTracking = { browse_90: since, days_since_event: since };
  const features = featureDefinitions.map(() => 6 as number | null);
  const known = (daysAgo: number, values = features) => {
    const all = knownFeatures(values, new Date(asOf.getTime() - daysAgo * dayMs), tracking);
    return {
      browse: all[featurePosition('browse_90')],
      search: all[featurePosition('search_90')],
      last: all[featurePosition('days_since_event')],
    };
  };
  const silent = features.with(featurePosition('days_since_event'), null).with(featurePosition('browse_90'), 0);

  it('are unknown before their recording and shortly after its begin', () => {
    for (const ago of [400, 150, 144]) expect(known(ago)).toEqual({ browse: null, search: 6, last: null });
  });

  it('are for as many days as they look back, if only some of these were recorded', () => {
    expect(known(105)).toEqual({ browse: 12, search: 6, last: 6 });
    expect(known(105, silent)).toEqual({ browse: 0, search: 6, last: 45 });
  });

  it('are as they are once all days were recorded', () => {
    expect(known(60)).toEqual({ browse: 6, search: 6, last: 6 });
    expect(known(0, silent)).toEqual({ browse: 0, search: 6, last: 150 });
    expect(known(-300, silent)).toEqual({ browse: 0, search: 6, last: null });
  });
});
