import { describe, expect, it } from 'vitest';
import { dayMs, daysInMonth } from '../../../src/days.js';
import { chooseWindows } from '../../../src/ml/features/windows.js';

const days = (later: string, earlier: string) => (Date.parse(later) - Date.parse(earlier)) / dayMs;

describe('training windows', () => {
  it('of CDNOW lie inside its 39 calibration weeks', () => {
    const windows = chooseWindows({
      firstDay: new Date('1997-01-01'),
      asOf: new Date('1997-10-01'),
      horizonDays: 273,
    });
    // 273 days of history: horizons of 136, 90 and 45 days.
    expect(windows).toEqual([
      { asOf: '1997-02-17T00:00:00.000Z', horizonDays: 136, validation: false },
      { asOf: '1997-04-03T00:00:00.000Z', horizonDays: 136, validation: false },
      { asOf: '1997-05-18T00:00:00.000Z', horizonDays: 136, validation: true },
      { asOf: '1997-07-03T00:00:00.000Z', horizonDays: 90, validation: false },
      { asOf: '1997-07-03T00:00:00.000Z', horizonDays: 45, validation: false },
      { asOf: '1997-08-17T00:00:00.000Z', horizonDays: 45, validation: false },
    ]);
  });

  it('take the whole horizon where history allows, and go round the year', () => {
    const windows = chooseWindows({ firstDay: new Date('2020-01-01'), asOf: new Date('2025-01-01'), horizonDays: 365 });
    expect(windows).toHaveLength(7);
    expect(windows.filter(({ horizonDays }) => horizonDays === 365)).toHaveLength(4);
    expect(windows.filter(({ validation }) => validation)).toEqual([
      { asOf: '2024-01-02T00:00:00.000Z', horizonDays: 365, validation: true },
    ]);
    expect(days(windows.at(-1)!.asOf, windows[0]!.asOf)).toBeGreaterThan(330);
  });

  it('of less than half a year have one that saw the coming season a year ago, where history goes back two', () => {
    const asOf = new Date('2025-11-01');
    const startsOf = (horizonDays: number, firstDay = '2020-01-01') =>
      chooseWindows({ firstDay: new Date(firstDay), asOf, horizonDays }).map((window) => ({
        ago: days('2025-11-01', window.asOf),
        horizonDays: window.horizonDays,
      }));
    expect(startsOf(90).slice(0, 3)).toEqual([
      { ago: 365, horizonDays: 90 },
      { ago: 180, horizonDays: 90 },
      { ago: 150, horizonDays: 90 },
    ]);
    expect(startsOf(150)[0]).toEqual({ ago: 365, horizonDays: 150 });
    expect(startsOf(180)[0]).toEqual({ ago: 360, horizonDays: 180 });
    expect(startsOf(90, '2023-11-02')[0]).toEqual({ ago: 365, horizonDays: 90 });
    expect(startsOf(90, '2023-11-03')[0]).toEqual({ ago: 180, horizonDays: 90 });
  });

  it.each([14, 15, 20, 29, 41, 60, 99, 250, 700, 730, 3_000])(
    'are closed and have a past, with %d days of history',
    (history) => {
      for (const horizonDays of [7, 30, 300, 365]) {
        for (const time of ['00:00', '17:45']) {
          const asOf = new Date(`2025-03-01T${time}Z`);
          const firstDay = new Date(Date.parse('2025-03-01') - history * dayMs);
          const windows = chooseWindows({ firstDay, asOf, horizonDays });
          expect(windows.filter(({ validation }) => validation)).toHaveLength(1);
          expect([...windows].sort((a, b) => a.asOf.localeCompare(b.asOf))).toEqual(windows);
          for (const window of windows) {
            expect(window.asOf).toMatch(/T00:00:00.000Z$/);
            expect(window.horizonDays).toBeGreaterThanOrEqual(7);
            expect(window.horizonDays).toBeLessThanOrEqual(Math.min(horizonDays, history / 2));
            expect(Date.parse(window.asOf) + window.horizonDays * dayMs).toBeLessThanOrEqual(asOf.getTime());
            expect(Date.parse(window.asOf) - firstDay.getTime()).toBeGreaterThanOrEqual((history / 6) * dayMs);
          }
        }
      }
    },
  );

  it.each(['2024-06-01', '2023-06-16', '2024-03-31', '2024-02-29'])(
    'begin on the same day of the month as %s where they go by months',
    (today) => {
      const asOf = new Date(today);
      for (const [firstDay, horizonDays] of [
        ['2022-06-01', 365],
        ['2021-01-01', 96],
        ['2021-01-01', 90],
        ['2022-10-01', 91],
        ['2020-01-01', 168],
        ['2015-01-01', 730],
        ['2022-01-01', 89],
        ['2023-02-01', 30],
        ['2020-01-01', 7],
      ] as const) {
        const windows = chooseWindows({ firstDay: new Date(firstDay), asOf, horizonDays, byMonth: true });
        expect(windows.length).toBeGreaterThan(2);
        for (const window of windows) {
          const begin = new Date(window.asOf);
          const lastDay = daysInMonth(begin.getUTCFullYear(), begin.getUTCMonth());
          expect(begin.getUTCDate()).toBe(Math.min(asOf.getUTCDate(), lastDay));
          expect(begin.getTime() + window.horizonDays * dayMs).toBeLessThanOrEqual(asOf.getTime());
          expect(begin.getTime()).toBeGreaterThan(Date.parse(firstDay));
        }
        expect(new Set(windows.map((window) => `${window.asOf} ${window.horizonDays}`)).size).toBe(windows.length);
        expect(windows.filter(({ validation }) => validation)).toHaveLength(1);
        if (horizonDays < 93) continue;
        for (const { asOf: begin, ...window } of chooseWindows({ firstDay: new Date(firstDay), asOf, horizonDays })) {
          const isLike = (other: { readonly asOf: string; readonly horizonDays: number }) =>
            other.horizonDays === window.horizonDays && days(begin, other.asOf) >= 0 && days(begin, other.asOf) < 31;
          expect(windows.some(isLike)).toBe(true);
        }
      }
    },
  );

  it('go back month by month where they go by months and the horizon is short', () => {
    const request = { firstDay: new Date('2020-01-01'), asOf: new Date('2024-06-01'), byMonth: true };
    const beginsOf = (horizonDays: number) =>
      chooseWindows({ ...request, horizonDays }).map((window) => `${window.asOf.slice(0, 10)} ${window.horizonDays}`);
    expect(beginsOf(30)).toEqual([
      '2023-06-01 30',
      '2024-01-01 30',
      '2024-03-01 30',
      '2024-04-01 30',
      '2024-05-01 30',
      '2024-05-01 20',
      '2024-05-01 10',
    ]);
  });

  it('are none where history is shorter than two weeks, or the horizon than one', () => {
    const asOf = new Date('2025-01-14');
    expect(chooseWindows({ firstDay: new Date('2025-01-01'), asOf, horizonDays: 365 })).toEqual([]);
    expect(chooseWindows({ firstDay: new Date('2024-01-01'), asOf, horizonDays: 6 })).toEqual([]);
    expect(chooseWindows({ firstDay: new Date('2026-01-01'), asOf, horizonDays: 365 })).toEqual([]);
  });
});
