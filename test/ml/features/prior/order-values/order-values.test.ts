import { describe, expect, it } from 'vitest';
import {
  fitOrderValues,
  type OrderValueOptions,
} from '../../../../../src/ml/features/prior/order-values/fit-order-values.js';
import { gammaGammaLogLikelihood } from '../../../../../src/ml/features/prior/order-values/gamma-gamma.js';
import { learnPriorForm } from '../../../../../src/ml/features/prior/learn-prior-form.js';
import { learnOrderValues } from '../../../../../src/ml/features/prior/order-values/learn-order-values.js';
import {
  type LogNormalParameters,
  logNormalLogLikelihood,
  logNormalOrderValue,
  toLogValueSums,
} from '../../../../../src/ml/features/prior/order-values/log-normal-values.js';
import {
  dearer,
  expectedOrderValue,
  type OrderValueParameters,
  priceScore,
} from '../../../../../src/ml/features/prior/order-values/order-values.js';
import type { RfmColumns } from '../../../../../src/ml/features/prior/rfm-summary.js';
import { toSpendRows } from '../../../../../src/ml/features/prior/order-values/spend-rows.js';
import { mean } from '../../../../../src/math.js';
import { Random } from '../../../../../src/random.js';
import { CDNOW_PRIOR, simulateShop } from '../shops.js';

interface Spread {
  /** Standard deviations of logarithms: of customers' means, and of a customer's orders. */
  readonly between: number;
  readonly within: number;
}

/** Customers whose order values are log-normal about their own means, and what each spends next. */
function logNormalShop({ between, within }: Spread, customers: number, random: Random) {
  const column = () => new Float64Array(customers);
  const columns: RfmColumns = {
    frequency: column(),
    recency: column(),
    age: column().fill(400),
    monetary: column(),
    firstValue: column(),
  };
  const next = column();
  for (let i = 0; i < customers; i++) {
    const own = 50 * Math.exp(between * random.normal() - between ** 2 / 2);
    const order = () => own * Math.exp(within * random.normal() - within ** 2 / 2);
    const repeats = random.poisson(random.exponential(0.4));
    columns.firstValue[i] = order();
    columns.frequency[i] = repeats;
    columns.recency[i] = repeats > 0 ? 200 : 0;
    for (let k = 0; k < repeats; k++) columns.monetary[i]! += order() / repeats;
    next[i] = order();
  }
  return { columns, next };
}

const parameters: LogNormalParameters = { typical: 40, level: 0.7, firstWeight: 0.4, between: 0.3, within: 0.6 };

describe('log-normal order values', () => {
  it('have the likelihood of normal logarithms, and its gradient', () => {
    const { columns } = logNormalShop({ between: 1, within: 0.8 }, 200, new Random(1));
    const rows = toSpendRows(columns, parameters.typical);
    const sums = toLogValueSums(rows);
    const { level, firstWeight, between, within } = parameters;
    let expected = 0;
    columns.frequency.forEach((x, i) => {
      if (x === 0) return;
      const [m, f] = [columns.monetary[i]!, columns.firstValue[i]!].map((value) =>
        Math.log(Math.max(value / 40, 0.01)),
      );
      const ofMean = Math.log(1 + (Math.exp(within) - 1) / x);
      const deviation = m! - (Math.log(level) + firstWeight * f! - ofMean / 2);
      const variance = between + ofMean;
      expected -= deviation ** 2 / (2 * variance) + Math.log(2 * Math.PI * variance) / 2 + m!;
    });
    const gradient = new Float64Array(4);
    expect(logNormalLogLikelihood(parameters, sums, gradient)).toBeCloseTo(expected, 8);
    for (const [i, name] of (['level', 'between', 'within', 'firstWeight'] as const).entries()) {
      const at = (value: number) => logNormalLogLikelihood({ ...parameters, [name]: value }, sums, new Float64Array(4));
      const step = 1e-5;
      expect(gradient[i]).toBeCloseTo((at(parameters[name] + step) - at(parameters[name] - step)) / (2 * step), 3);
    }
  });

  it('are found in the shop that they were drawn for', () => {
    const { columns } = logNormalShop({ between: 0.8, within: 0.5 }, 30_000, new Random(2));
    const { logNormal } = fitOrderValues(columns, { enough: true, logNormal: true }).parameters;
    // Of normal logarithms: the regression of a customer's mean on the first purchase, and what it leaves.
    const share = 0.64 / (0.64 + 0.25);
    expect(logNormal!.firstWeight).toBeCloseTo(share, 1);
    expect(Math.abs(logNormal!.between / (0.64 * (1 - share)) - 1)).toBeLessThan(0.1);
    expect(Math.abs(logNormal!.within / 0.25 - 1)).toBeLessThan(0.1);
  });

  it.each<Spread>([
    { between: 1, within: 0.8 },
    { between: 1.5, within: 0.4 },
    { between: 1, within: 1.2 },
    { between: 0.3, within: 1 },
  ])('are expected as they come: %o', (spread) => {
    const { columns, next } = logNormalShop(spread, 20_000, new Random(3));
    const { frequency, monetary, firstValue } = columns;
    const told = fitOrderValues(columns, { enough: true, logNormal: true }).parameters;
    const expected = frequency.map((x, i) => expectedOrderValue(told, x, monetary[i]!, firstValue[i]!));
    for (const kind of [(x: number) => x === 0, (x: number) => x > 0 && x < 3, (x: number) => x >= 3]) {
      const ofKind = (values: Float64Array) => mean([...values].filter((_, i) => kind(frequency[i]!)));
      expect(Math.abs(ofKind(expected) / ofKind(next) - 1)).toBeLessThan(0.2);
    }
    expect(learnOrderValues(columns)).toEqual({ logNormalValues: true });
  });

  it('are told from Gamma-Gamma ones, and where a few buyers cannot tell, those are assumed', () => {
    const telling = { ...CDNOW_PRIOR, v: 8, firstWeight: 0.4 };
    const neither = { logNormalValues: false };
    expect(learnOrderValues(simulateShop(telling, 20_000, 400, new Random(4)))).toEqual(neither);
    expect(learnOrderValues(logNormalShop({ between: 1, within: 0.8 }, 25, new Random(5)).columns)).toEqual(neither);
  });

  it.each<[string, number[], number[]]>([
    ['nobody came back', [0, 0, 0], [0, 0, 0]],
    ['all orders are the same', Array.from({ length: 300 }, () => 3), Array.from({ length: 300 }, () => 25)],
    [
      'one customer spends all there is',
      [...Array.from({ length: 300 }, () => 1), 50],
      [...Array.from({ length: 300 }, () => 1), 1e7],
    ],
    ['repeat orders are free', [1, 2, 3], [0, 0, 0]],
  ])('stay finite where %s', (_, frequency, monetary) => {
    const column = (values: number[]) => Float64Array.from(values);
    const same = (value: number) => column(frequency.map(() => value));
    for (const first of [0, 25]) {
      const columns = {
        frequency: column(frequency),
        recency: same(30),
        age: same(60),
        monetary: column(monetary),
        firstValue: same(first),
      };
      for (const enough of [true, false]) {
        const { parameters: fitted, logLikelihood } = fitOrderValues(columns, { enough, logNormal: true });
        const expected = [0, 1, 50].map((x) => expectedOrderValue(fitted, x, 25, first));
        expect([...Object.values(fitted.logNormal!), logLikelihood, ...expected].every(Number.isFinite)).toBe(true);
        expect(Math.min(...expected)).toBeGreaterThan(0);
        expect(Math.max(...expected)).toBeLessThan(1e8);
      }
    }
  });

  it('are in the money of the shop, whatever its unit', () => {
    const { columns } = logNormalShop({ between: 1, within: 0.8 }, 2_000, new Random(6));
    const inCents = {
      ...columns,
      monetary: columns.monetary.map((value) => value * 100),
      firstValue: columns.firstValue.map((value) => value * 100),
    };
    const [dollars, cents] = [columns, inCents].map(
      (of) => fitOrderValues(of, { enough: true, logNormal: true }).parameters,
    );
    for (const x of [0, 1, 7]) {
      const ratio = expectedOrderValue(cents!, x, 9_000, 4_000) / expectedOrderValue(dollars!, x, 90, 40);
      expect(ratio).toBeCloseTo(100, 3);
    }
  });

  it('are believed the more often they come, up to what the customer spends', () => {
    const spent = (x: number, monetary = 400) => logNormalOrderValue(parameters, x, monetary, 40);
    expect(spent(1)).toBeGreaterThan(spent(0));
    expect(spent(5)).toBeGreaterThan(spent(1));
    expect(spent(1_000)).toBeCloseTo(400, -1);
    // Gifts are little, but no less than nothing.
    expect(spent(3, 0)).toBe(spent(3, 0.1));
    expect(spent(3, 0)).toBeGreaterThan(0);
    expect(logNormalOrderValue(parameters, 0, 0, 0)).toBeGreaterThan(0);
  });
});

describe('dearer order values', () => {
  const { columns } = logNormalShop({ between: 0.6, within: 0.5 }, 3_000, new Random(7));
  const price = Math.log(1.5);
  const moved: RfmColumns = {
    ...columns,
    monetary: columns.monetary.map((value) => value * 1.5),
    firstValue: columns.firstValue.map((value) => value * 1.5),
  };

  it.each([true, false])('are expected so much dearer, log-normal: %s', (logNormal) => {
    const { parameters: fitted } = fitOrderValues(columns, { enough: true, logNormal });
    const score = priceScore(fitted, moved);
    expect(score(price - 0.05)).toBeGreaterThan(0);
    expect(score(price + 0.05)).toBeLessThan(0);
    const before = expectedOrderValue(fitted, 2, 60, 50);
    const after = expectedOrderValue(dearer(fitted, price), 2, 90, 75);
    expect(after / before).toBeGreaterThan(1.4);
    expect(after / before).toBeLessThan(1.6);
  });

  it.each([{ logNormal: true }, { logNormal: false }, { firstValueLimit: 60 }])(
    'are scored by the slope of the likelihood, %s',
    (kind) => {
      const { parameters: fitted } = fitOrderValues(columns, { enough: true, ...kind });
      const likelihood = (by: number) => {
        const at = dearer(fitted, by);
        const rows = toSpendRows(moved, at.logNormal?.typical ?? 1);
        const gradient = new Float64Array(4);
        return at.logNormal
          ? logNormalLogLikelihood(at.logNormal, toLogValueSums(rows), gradient)
          : gammaGammaLogLikelihood(at, rows, gradient);
      };
      const score = priceScore(fitted, moved);
      for (const by of [0.1, price + 0.2]) {
        expect(score(by) / ((likelihood(by + 1e-4) - likelihood(by - 1e-4)) / 2e-4)).toBeCloseTo(1, 4);
      }
    },
  );
});

describe('first purchases of another kind', () => {
  // Gifts: later ones are much like the first one, but for the first one of every twentieth customer, such as one in memory of somebody.
  const gifts = (times: number): RfmColumns => {
    const random = new Random('gifts');
    const usual = Array.from({ length: 4_000 }, () => 40 * Math.exp(0.9 * random.normal()));
    const frequency = Float64Array.from(usual, () => random.poisson(random.exponential(0.5)));
    const given = (own: number, x: number) => (x === 0 ? 0 : own * Math.exp((0.25 * random.normal()) / Math.sqrt(x)));
    return {
      frequency,
      recency: frequency.map((x) => (x > 0 ? 200 : 0)),
      age: frequency.map(() => 400),
      monetary: Float64Array.from(usual, (own, i) => given(own, frequency[i]!)),
      firstValue: Float64Array.from(usual, (own, i) => (i % 20 === 0 ? times * own : own)),
    };
  };
  const columns = gifts(8);
  const limit = learnOrderValues(columns).firstValueLimit!;
  const { parameters: fitted } = fitOrderValues(columns, { enough: true, firstValueLimit: limit });

  it('tell of later ones up to a limit, where that is likelier', () => {
    expect(learnOrderValues(gifts(1)).firstValueLimit).toBeUndefined();
    expect(limit).toBeGreaterThan(60);
    expect(learnPriorForm({ columns, repeats: [], asOf: new Date('1997-10-01') }).firstValueLimit).toBe(limit);
  });

  it('are evidence as one of that value is, so that what customers spend again counts', () => {
    expect(fitted.firstValueLimit).toBe(limit);
    expect(expectedOrderValue(fitted, 0, 0, 30 * limit)).toBe(expectedOrderValue(fitted, 0, 0, limit));
    const { parameters: without } = fitOrderValues(columns, { enough: true });
    const isOther = (i: number) => i % 20 === 0 && columns.frequency[i]! > 3;
    const others = Array.from(columns.frequency.keys()).filter(isOther);
    const over = (parameters: OrderValueParameters) =>
      mean(
        others.map((i) =>
          expectedOrderValue(parameters, columns.frequency[i]!, columns.monetary[i]!, columns.firstValue[i]!),
        ),
      ) / mean(others.map((i) => columns.monetary[i]!));
    expect(over(without)).toBeGreaterThan(3);
    expect(over(fitted)).toBeLessThan(2.2);
  });

  it('have the limit in the money of dearer customers', () => {
    const dear = dearer(fitted, Math.log(1.5));
    for (const first of [25, 30 * limit]) {
      expect(expectedOrderValue(dear, 2, 45, 1.5 * first)).toBeCloseTo(
        1.5 * expectedOrderValue(fitted, 2, 30, first),
        8,
      );
    }
  });
});

describe('order values of two kinds', () => {
  /** Most begin with a telephone. What follows is a cable at first, and later a telephone as often as `telephonesLater`. */
  function electronics(telephones: number, telephonesLater: number, spread: number): RfmColumns {
    const random = new Random('electronics');
    const of = (share: number) =>
      random.uniform() < share
        ? 500 * Math.exp(spread * random.normal())
        : 30 * Math.exp((0.7 - spread) * random.normal());
    const buyers = Array.from({ length: 650 }, () => {
      const later = Array.from({ length: random.poisson(0.8) }, () => of(telephonesLater));
      const repeats = [of(0.24), ...later];
      return { frequency: repeats.length, monetary: mean(repeats), firstValue: of(telephones) };
    });
    const column = (name: keyof (typeof buyers)[number]) => Float64Array.from(buyers, (buyer) => buyer[name]);
    return {
      frequency: column('frequency'),
      recency: new Float64Array(buyers.length).fill(200),
      age: new Float64Array(buyers.length).fill(400),
      monetary: column('monetary'),
      firstValue: column('firstValue'),
    };
  }

  /** What is expected of the buyers' repeat orders before these are known, over what they were. */
  function meanBefore(columns: RfmColumns, form: Partial<OrderValueOptions> = {}): number {
    const { parameters: fitted } = fitOrderValues(columns, { enough: true, ...form });
    const expected = columns.firstValue.map((first) => expectedOrderValue(fitted, 0, 0, first));
    return mean(expected) / mean(columns.monetary);
  }

  it('have no mean many times as high, where one of the two models has the mean of the data', () => {
    expect(Math.abs(Math.log(meanBefore(electronics(0.85, 0.5, 0.35))))).toBeLessThan(0.2);
  });

  it('are log-normal where neither has, likelier or not', () => {
    const columns = electronics(0.5, 0.3, 0.35);
    expect(Math.abs(Math.log(meanBefore(columns)))).toBeGreaterThan(0.5);
    expect(fitOrderValues(columns, { enough: true, logNormal: true }).logNormalGain).toBeLessThan(0);
    const { logNormalValues: logNormal } = learnOrderValues(columns);
    expect(logNormal).toBe(true);
    expect(Math.abs(Math.log(meanBefore(columns, { logNormal })))).toBeLessThan(0.2);
  });
});
