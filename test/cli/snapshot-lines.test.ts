import { describe, expect, it } from 'vitest';
import { snapshotLines } from '../../src/cli/snapshot-lines.js';
import type { SnapshotReport } from '../../src/services/preprocessing/snapshot-report.js';

const plain = {
  cleaning: { lines: 1_000, duplicateLines: 32 },
  customers: { kept: 2_393, read: 2_469, dropped: [], tooNewToTrain: 21 },
  rows: { train: 11_411, validation: 350, available: 11_411, sampledShare: 1 },
  priorWarnings: [],
};
const linesOf = (found: Partial<SnapshotReport>) => snapshotLines({ ...plain, ...found } as SnapshotReport);

describe('what is told of a snapshot', () => {
  it('is how many customers and rows it has', () => {
    expect(linesOf({})).toEqual(['2,393 of 2,469 customers have bought; 11,411 rows to train on, 350 to check on.']);
  });

  it('is that many lines are copies, which may be pieces with a row each', () => {
    const cleaning = { lines: 112_875, duplicateLines: 12_345 } as SnapshotReport['cleaning'];
    expect(linesOf({ cleaning })[1]).toMatch(
      /^ {2}12,345 of 112,875 order lines are copies of others in their order, and count for nothing: if each piece has a row of its own, /,
    );
  });

  it('is what its report found in the purchases', () => {
    const [, ...findings] = linesOf({
      silentSince: '2022-05-01',
      idsChanged: '2023-01-10',
      eventsSince: { BROWSE: '2022-11-05' },
      billingDays: [1, 15, 31],
      closures: [{ from: '2022-12-01', to: '2023-01-09' }],
      season: [0.73, 0.77, 0.94, 0.8, 0.96, 1.06, 0.95, 0.83, 1.11, 1.23, 1.83, 0.79],
      surge: { from: '2020-07-20', to: '2020-10-29', times: 3 },
      paceRise: { since: '2023-03-21', times: 2.9 },
      newcomers: { differ: 'SHARE', cohorts: [{ from: '2023-03-22', ratio: 0.27 }] },
      earlierCustomers: { historyBegins: '2009-12-01', yearsBefore: 4 },
      firstValueLimit: 1293.38,
      firstAmounts: [9.9, 29],
      regularShare: 0.27,
      orderValueRise: 0.083,
      priorWarnings: ['FEW_REPEAT_BUYERS'],
    });
    expect(findings).toEqual([
      expect.stringMatching(
        /^ {2}Nobody has bought since 2022-05-01: if purchases are missing, import them, .* import the others, too\.$/,
      ),
      expect.stringMatching(
        /^ {2}Hardly anybody bought both before 2023-01-10 and since: .* import the older orders again/,
      ),
      expect.stringMatching(/^ {2}Events BROWSE have been recorded since 2022-11-05/),
      '  Many purchases are on these days of the month: 1, 15, last. Models count the months that a customer has missed.',
      expect.stringMatching(
        /^ {2}Nobody bought from 2022-12-01 to 2023-01-09: if the shop was open, orders are missing/,
      ),
      '  Customers buy most often in November: 1.83 times as often as in an average month.',
      expect.stringMatching(/^ {2}All customers bought 3 times as often from 2020-07-20 to 2020-10-29/),
      '  All customers have bought 2.9 times as often since 2023-03-21.',
      expect.stringMatching(
        /^ {2}Fewer of those who first bought since 2023-03-22 come back .*: as few as 0.27 times as many\.$/,
      ),
      expect.stringMatching(/^ {2}The first customers buy as if many had bought before 2009-12-01/),
      '  First purchases of more than 1,293.38 say no more of later ones than one of that value.',
      '  Who began with exactly 9.9 or 29 buys otherwise than who paid a little less or more.',
      '  27 % of those with four purchases or more buy at regular intervals: who misses one may have left.',
      '  The same customers spend 8 % more an order than a year before: expected to go on for a year.',
      '  The prior is less certain than usual: FEW_REPEAT_BUYERS.',
    ]);
    expect(linesOf({ orderValueRise: 0.0041 })).toHaveLength(1);
    expect(linesOf({ paceRise: { since: '2023-01-21', until: '2023-03-21', times: 2.9 } })[1]).toBe(
      '  From 2023-01-21 to 2023-03-21 all customers came to buy 2.9 times as often.',
    );
    expect(linesOf({ firstAmounts: [29] })[1]).toMatch(/ with exactly 29 buys /);
    expect(linesOf({ firstAmounts: [0.99, 4.99, 9.99] })[1]).toMatch(/ with exactly 0.99, 4.99 or 9.99 buys /);
    expect(linesOf({ firstAmounts: [1, 2, 3, 4, 5, 6, 7] })[1]).toMatch(
      / with exactly 1, 2, 3, 4, 5 or one of 2 other amounts buys /,
    );
    expect(linesOf({ orderValueRise: -0.12 })[1]).toMatch(/^ {2}The same customers spend 12 % less an order/);
  });

  it('names the newcomers who are worse, not the usual ones beside them', () => {
    const line = (...ratios: readonly number[]) =>
      linesOf({
        newcomers: { differ: 'SHARE', cohorts: ratios.map((ratio, i) => ({ from: `2024-0${i + 1}-01`, ratio })) },
      })[1];
    expect(line(1, 0.94, 1, 0.334, 0.25)).toMatch(/bought since 2024-04-01 come back .* as few as 0\.25 times as many/);
    expect(line(1, 0.5, 0.95, 0.6, 1)).toMatch(/bought from 2024-02-01 until 2024-05-01 come back .* as few as 0\.5 /);
    expect(line(1, 0.97, 0.95)).toMatch(/bought since 2024-02-01 come back .* as few as 0\.95 /);
  });

  it('tells newcomers who buy less often from fewer who come back', () => {
    const cohorts = [{ from: '2024-01-01', ratio: 0.4 }];
    expect(linesOf({ newcomers: { differ: 'PACE', cohorts } })[1]).toMatch(
      /since 2024-01-01 come back .*: they buy 0\.4 times as often at worst\.$/,
    );
  });
});
