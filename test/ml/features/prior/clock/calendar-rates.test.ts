import { describe, expect, it } from 'vitest';
import { dayNumber } from '../../../../../src/days.js';
import {
  calendarCells,
  type CalendarCells,
  type Cell,
  type Span,
} from '../../../../../src/ml/features/prior/clock/calendar-cells.js';
import { fitCalendarRates } from '../../../../../src/ml/features/prior/clock/calendar-rates.js';
import { toRfmColumns } from '../../../../../src/ml/features/prior/rfm-summary.js';

const asOf = new Date('2023-01-01');
const now = dayNumber(asOf);
const shop = { season: null, pace: null };
const customer = (age: number) => ({ age, frequency: 0, recency: 0, monetary: 0, firstValue: 10 });

describe('purchases by age and month', () => {
  it('have the time that customers had for them, but for those of the first quarter of history', () => {
    const seen = { columns: toRfmColumns([customer(400), customer(40), customer(40)]), repeats: [], asOf };
    const { spans, cells } = calendarCells(shop, seen, [now - 20]);
    expect(spans[0]!.from).toBe(now - 300);
    expect(spans.slice(-3)).toEqual([
      { from: now - 61, to: now - 31, month: 10 },
      { from: now - 31, to: now - 20, month: 11 },
      { from: now - 20, to: now, month: 11 },
    ]);
    const last = spans.length - 1;
    expect(cells).toEqual([
      { age: 0, span: last - 2, time: 18, purchases: 0 },
      { age: 0, span: last - 1, time: 22, purchases: 0 },
      { age: 0, span: last, time: 16, purchases: 0 },
      { age: 1, span: last, time: 24, purchases: 0 },
    ]);
  });

  it('are counted where customers were, and not beyond the as-of date', () => {
    const repeats = [
      { firstDay: now - 40, day: now - 21, count: 3 },
      { firstDay: now - 40, day: now - 2, count: 2 },
      { firstDay: now - 400, day: now - 2, count: 7 },
      { firstDay: now - 40, day: now, count: 4 },
    ];
    const columns = toRfmColumns([customer(400), customer(40)]);
    const { cells } = calendarCells(shop, { columns, repeats, asOf }, [now - 20]);
    expect(cells.map(({ purchases }) => purchases)).toEqual([0, 3, 0, 2]);
  });

  it('had as much time as passed on the clock of the shop', () => {
    const surge = { from: now - 10, to: now - 5, times: 3 };
    const columns = toRfmColumns([customer(400), customer(20)]);
    const { cells } = calendarCells({ ...shop, surge }, { columns, repeats: [], asOf }, []);
    expect(cells).toHaveLength(1);
    expect(cells[0]!.time).toBeCloseTo(30, 9);
  });
});

/** Four years of months, and customers who came in each. */
function cellsOf(rate: (cell: Omit<Cell, 'time' | 'purchases'>, span: Span) => number): CalendarCells {
  const spans = Array.from({ length: 48 }, (_, i) => ({ from: 28 * i, to: 28 * (i + 1), month: i % 12 }));
  const cells = spans.flatMap((each, span) =>
    Array.from({ length: span + 1 }, (_, age) => ({
      age,
      span,
      time: 1_000,
      purchases: 1_000 * rate({ age, span }, each),
    })),
  );
  return { spans, cells };
}

describe('rates of purchase', () => {
  const season = [3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3];
  const since = ({ from }: Span) => (from >= 28 * 40 ? 1 : 0);

  it('tell the factor of a time beside those of age and month', () => {
    const cells = cellsOf(({ age }, span) => (0.05 / (1 + age)) * season[span.month]! * (since(span) ? 0.6 : 1));
    const { factors, dispersion } = fitCalendarRates(cells, { groupOf: since });
    expect(factors[0]).toBe(1);
    expect(factors[1]).toBeCloseTo(0.6, 4);
    expect(dispersion).toBe(1);
  });

  it('tell it from customers who are worse the later they come', () => {
    const worse = ({ age, span }: { age: number; span: number }) =>
      0.05 * Math.exp(-0.02 * (span - age) - 0.001 * age * span);
    const trend = cellsOf(worse);
    expect(fitCalendarRates(trend, { groupOf: since }).factors[1]).toBeLessThan(0.8);
    expect(fitCalendarRates(trend, { groupOf: since, hasTrend: true }).factors[1]).toBeCloseTo(1, 4);
    const gain = (cells: CalendarCells) =>
      fitCalendarRates(cells, { groupOf: since, hasTrend: true }).logLikelihood -
      fitCalendarRates(cells, { hasTrend: true }).logLikelihood;
    expect(gain(trend)).toBeLessThan(0.01);
    expect(gain(cellsOf((cell, span) => worse(cell) * (since(span) ? 0.6 : 1)))).toBeGreaterThan(20);
  });

  it('say how much more the numbers vary than chance', () => {
    const cells = cellsOf(({ age, span }) => 0.05 * ((age + span) % 2 === 0 ? 2 : 0));
    // Each is 50 more or less than 50.
    expect(fitCalendarRates(cells).dispersion).toBeGreaterThan(30);
  });
});
