import { describe, expect, it } from 'vitest';
import { dayMs } from '../../../src/days.js';
import { findChangedIds } from '../../../src/ml/features/changed-ids.js';
import { toRfmColumns, type RfmSummary } from '../../../src/ml/features/prior/rfm-summary.js';
import { Random } from '../../../src/random.js';

const asOf = new Date('2021-01-01');
const history = 1_100;
const begin = asOf.getTime() / dayMs - history;

interface Shop {
  readonly customers?: number;
  readonly isOpen?: (day: number) => boolean;
  /** The id under which customer `i` buys on that day, as a number of its own. */
  readonly idOn?: (i: number, day: number) => string;
}

/** Customers who come along, buy about once a month and leave after a year or so; days count from the beginning. */
function changedIn({ customers = 2_000, isOpen = () => true, idOn = String }: Shop): number | undefined {
  const random = new Random('changed ids');
  const bought = new Map<string, number[]>();
  for (let i = 0; i < customers; i++) {
    const joined = random.integer(history);
    const left = joined + random.exponential(1 / 400);
    for (let day = joined; day < Math.min(left, history); day++) {
      if (!isOpen(day) || (day > joined && random.uniform() > 1 / 30)) continue;
      const id = idOn(i, day);
      bought.set(id, [...(bought.get(id) ?? []), day]);
    }
  }
  const rows = [...bought.values()].map((days): RfmSummary => {
    const [first, last] = [days[0]!, days.at(-1)!];
    return { frequency: days.length - 1, recency: last - first, age: history - first, monetary: 10, firstValue: 10 };
  });
  const changed = findChangedIds(toRfmColumns(rows), asOf);
  return changed === undefined ? undefined : changed - begin;
}

describe('changed ids', () => {
  it('are seen from the day on which customers begin to buy under new ones', () => {
    expect(changedIn({ idOn: (i, day) => (day < 700 ? `${i}` : `new ${i}`) })).toBe(700);
    expect(changedIn({ idOn: (i, day) => (day < 1_000 ? `${i}` : `new ${i}`) })).toBe(1_000);
  });

  it('begin when the shop opens again', () => {
    const isOpen = (day: number): boolean => day < 690 || day >= 700;
    expect(changedIn({ isOpen, idOn: (i, day) => (day < 695 ? `${i}` : `new ${i}`) })).toBe(700);
  });

  it('may leave a few as they were', () => {
    const fewKept = (i: number, day: number): string => (day < 700 || i % 100 === 0 ? `${i}` : `new ${i}`);
    expect(changedIn({ idOn: fewKept })).toBe(700);
    const tenthKept = (i: number, day: number): string => (day < 700 || i % 10 === 0 ? `${i}` : `new ${i}`);
    expect(changedIn({ idOn: tenthKept })).toBeUndefined();
  });

  it('are none where ids stay, where the shop was closed, and where they are too few to tell', () => {
    expect(changedIn({})).toBeUndefined();
    expect(changedIn({ isOpen: (day) => day < 500 || day >= 600 })).toBeUndefined();
    expect(changedIn({ customers: 100, idOn: (i, day) => (day < 700 ? `${i}` : `new ${i}`) })).toBeUndefined();
    expect(findChangedIds(toRfmColumns([]), asOf)).toBeUndefined();
  });
});
