import { describe, expect, it } from 'vitest';
import { bgNbdLogLikelihood } from '../../../../src/ml/features/prior/purchases/bg-nbd.js';
import { toPurchaseRows } from '../../../../src/ml/features/prior/purchases/purchase-rows.js';
import { fitPrior, type PriorFit, type PriorWarning } from '../../../../src/ml/features/prior/fit-prior.js';
import { gammaGammaLogLikelihood } from '../../../../src/ml/features/prior/order-values/gamma-gamma.js';
import { predictPriorBatch } from '../../../../src/ml/features/prior/predict-prior.js';
import { toRfmColumns, type RfmSummary } from '../../../../src/ml/features/prior/rfm-summary.js';
import { columnsInShopTime } from '../../../../src/ml/features/prior/clock/shop-clock.js';
import { toSpendRows } from '../../../../src/ml/features/prior/order-values/spend-rows.js';
import { columnsInTenureTime } from '../../../../src/ml/features/prior/clock/tenure-clock.js';
import { Random } from '../../../../src/random.js';
import { CDNOW_PRIOR, fitted, plainForm, randomCustomer, simulateShop } from './shops.js';

const asOf = new Date('2011-06-01');

function repeat(count: number, customer: RfmSummary): RfmSummary[] {
  return Array.from({ length: count }, () => customer);
}

const oneTimer: RfmSummary = { frequency: 0, recency: 0, age: 60, monetary: 0, firstValue: 0 };
const regular: RfmSummary = { frequency: 3, recency: 45, age: 60, monetary: 25, firstValue: 0 };

/** Every figure that the fit or a prediction from it could spoil. */
function figures(fit: PriorFit, customers: readonly RfmSummary[]): number[] {
  const predictions = [1, 90, 1100].flatMap((days) =>
    Object.values(predictPriorBatch(fit.parameters, toRfmColumns(customers), days, asOf)).flatMap((column) => [
      ...column,
    ]),
  );
  return [
    ...Object.values({
      ...fit.parameters,
      rhythm: 0,
      season: 0,
      pace: 0,
      fading: 0,
      earlier: 0,
      leavesAtFirst: 0,
      leavesWithTime: 0,
      covariates: 0,
      yearly: 0,
      newcomers: 0,
      closures: 0,
      surge: 0,
      logNormal: 0,
      prices: 0,
      firstAmounts: 0,
    }),
    ...predictions,
  ];
}

const fitTo = (customers: readonly RfmSummary[]): PriorFit => fitted(toRfmColumns(customers));

describe('fitPrior', () => {
  it('finds the parameters that customers were simulated with', () => {
    const shop = simulateShop(CDNOW_PRIOR, 60_000, 400, new Random(2));
    const { parameters, converged, warnings } = fitted(shop);
    expect({ converged, warnings }).toEqual({ converged: true, warnings: [] });
    for (const name of ['r', 'alpha', 'a', 'b', 'p', 'q', 'v'] as const) {
      expect(Math.abs(parameters[name] / CDNOW_PRIOR[name] - 1)).toBeLessThan(0.15);
    }
  });

  it('finds what a first purchase says of the repeat ones, and that it says nothing where that is so', () => {
    const telling = { ...CDNOW_PRIOR, v: 8, firstWeight: 0.4 };
    const { parameters } = fitted(simulateShop(telling, 30_000, 400, new Random(8)));
    for (const name of ['p', 'q', 'v', 'firstWeight'] as const) {
      expect(Math.abs(parameters[name] / telling[name] - 1)).toBeLessThan(0.15);
    }
    expect(fitted(simulateShop(CDNOW_PRIOR, 30_000, 400, new Random(8))).parameters.firstWeight).toBe(0);
  });

  it('does not depend on the rows’ order', () => {
    const random = new Random(9);
    const customers = Array.from({ length: 800 }, () => randomCustomer(random));
    const fit = fitTo(customers);
    const shuffled = fitTo(random.shuffle([...customers]));
    expect(shuffled.parameters.alpha / fit.parameters.alpha).toBeCloseTo(1, 4);
  });

  it('keeps p and q and scales v when money changes its unit', () => {
    const shop = simulateShop(CDNOW_PRIOR, 3000, 300, new Random(4));
    const cents = {
      ...shop,
      monetary: shop.monetary.map((value) => value * 100),
      firstValue: shop.firstValue.map((value) => value * 100),
    };
    const [inDollars, inCents] = [fitted(shop).parameters, fitted(cents).parameters];
    expect(inCents.p / inDollars.p).toBeCloseTo(1, 4);
    expect(inCents.q / inDollars.q).toBeCloseTo(1, 4);
    expect(inCents.v / inDollars.v).toBeCloseTo(100, 2);
  });

  it('keeps r, a and b and scales alpha where few customers have taken ten times as long', () => {
    const few = [...repeat(5, { ...regular, firstValue: 20 }), ...repeat(20, { ...oneTimer, firstValue: 20 })];
    const slow = few.map((customer) => ({ ...customer, recency: customer.recency * 10, age: customer.age * 10 }));
    const [fast, slowly] = [fitTo(few).parameters, fitTo(slow).parameters];
    for (const name of ['r', 'a', 'b'] as const) expect(slowly[name] / fast[name]).toBeCloseTo(1, 4);
    expect(slowly.alpha / fast.alpha).toBeCloseTo(10, 3);
  });

  it.each<[string, RfmSummary[], PriorWarning[]]>([
    ['one customer who bought once', [oneTimer], ['NO_REPEAT_BUYERS', 'ORDER_VALUES_ASSUMED']],
    [
      'one customer who bought on the as-of date',
      [{ ...oneTimer, age: 0 }],
      ['NO_REPEAT_BUYERS', 'ORDER_VALUES_ASSUMED'],
    ],
    ['no repeat buyers', repeat(5000, oneTimer), ['NO_REPEAT_BUYERS', 'ORDER_VALUES_ASSUMED']],
    ['one repeat buyer', [regular], ['FEW_REPEAT_BUYERS']],
    ['everybody the same', repeat(5000, regular), ['PURCHASES_WEAKLY_IDENTIFIED', 'ORDER_VALUES_WEAKLY_IDENTIFIED']],
    [
      'repeat purchases without value',
      [...repeat(100, { ...regular, monetary: 0 }), ...repeat(200, oneTimer)],
      ['PURCHASES_WEAKLY_IDENTIFIED', 'ORDER_VALUES_ASSUMED'],
    ],
    [
      'one whale',
      [...repeat(300, oneTimer), ...repeat(100, regular), { ...regular, frequency: 50, recency: 59, monetary: 1e7 }],
      ['PURCHASES_WEAKLY_IDENTIFIED', 'ORDER_VALUES_WEAKLY_IDENTIFIED'],
    ],
  ])('stays finite and says why for %s', (_name, customers, warnings) => {
    const fit = fitTo(customers);
    expect(fit.warnings).toEqual(warnings);
    expect(fit.converged).toBe(true);
    expect(figures(fit, customers).filter((figure) => !Number.isFinite(figure))).toEqual([]);
  });

  it('is on the clock that it is given, and keeps it', () => {
    const factors = [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1, 2, 3, 2];
    const shop = simulateShop(CDNOW_PRIOR, 500, 300, new Random(6));
    const form = {
      season: factors,
      pace: null,
      earlyGain: 1.4,
      fading: { days: 700, floor: 0.2 },
      leavesAtFirst: false,
    };
    const onIt = fitted(shop, { ...form, asOf });
    const timed = fitted(columnsInTenureTime(form, columnsInShopTime({ season: factors, pace: null }, shop, asOf)));
    expect(onIt.parameters).toEqual({ ...timed.parameters, ...form });
    expect(onIt.parameters.r).not.toBeCloseTo(fitted(shop).parameters.r, 3);
  });

  it('is a plain one from thirty repeat buyers on', () => {
    const random = new Random(12);
    const shop = (repeatBuyers: number) => [
      ...repeat(100, oneTimer),
      ...Array.from({ length: repeatBuyers }, () => ({ ...regular, frequency: 1 + random.integer(5) })),
    ];
    expect(fitTo(shop(29)).warnings).toContain('FEW_REPEAT_BUYERS');
    expect(fitTo(shop(30)).warnings).not.toContain('FEW_REPEAT_BUYERS');
  });

  it('takes a first purchase of few to say what first purchases usually do, though some got theirs for nothing', () => {
    for (const money of [1, 0.01]) {
      const spends = { ...regular, monetary: regular.monetary * money, firstValue: 20 * money };
      const few = [
        ...repeat(5, spends),
        ...repeat(50, { ...oneTimer, firstValue: 20 * money }),
        { ...oneTimer, firstValue: 0 },
      ];
      expect(fitTo(few).parameters.firstWeight).toBeGreaterThan(0.1);
    }
  });

  it('takes the given order value where no repeat purchase tells it', () => {
    const fit = fitPrior(toRfmColumns(repeat(10, oneTimer)), { meanOrderValue: 42, form: plainForm });
    const { expectedOrderValue } = predictPriorBatch(fit.parameters, toRfmColumns([oneTimer]), 90, asOf);
    expect(expectedOrderValue[0]).toBeCloseTo(42, 4);
    expect(fit.warnings).toContain('ORDER_VALUES_ASSUMED');
  });

  it('never gives NaN or infinity, whatever the table', () => {
    const random = new Random(23);
    for (let table = 0; table < 150; table++) {
      const size = 1 + random.integer(table % 10 === 0 ? 400 : 12);
      const scale = 10 ** (random.integer(9) - 3);
      const customers = Array.from({ length: size }, () => {
        const customer = randomCustomer(random);
        return { ...customer, monetary: customer.monetary * scale, firstValue: customer.firstValue * scale };
      });
      const fit = fitTo(customers);
      expect(figures(fit, customers).filter((figure) => !Number.isFinite(figure))).toEqual([]);
      expect(fit.converged || fit.warnings.includes('NOT_CONVERGED')).toBe(true);
    }
  });

  it('refuses an empty table and an impossible history, naming the row', () => {
    expect(() => fitTo([])).toThrow(expect.objectContaining({ code: 'INSUFFICIENT_DATA' }));
    expect(() => fitTo([regular, { ...regular, recency: 61 }])).toThrow(/row 1/);
    expect(() => fitted({ ...toRfmColumns([regular]), age: new Float64Array(2) })).toThrow(/differ in length/);
  });
});

describe('likelihoods', () => {
  const customers = Array.from(
    { length: 40 },
    (
      (random) => () =>
        randomCustomer(random)
    )(new Random(1)),
  );
  const columns = toRfmColumns(customers);

  it.each([false, true])(
    'BG/NBD has the gradient of finite differences; customers leave at first: %s',
    (leavesAtFirst) => {
      const rows = toPurchaseRows(columns, 7);
      expect(rows.total).toBe(customers.length);
      checkGradient([0.3, 5, 0.7, 2], (point, gradient) => {
        const [r, alpha, a, b] = point as [number, number, number, number];
        return bgNbdLogLikelihood({ r, alpha, a, b, leavesAtFirst }, rows, gradient);
      });
    },
  );

  it('BG/NBD is that of the papers for one customer', () => {
    const ones = { r: 1, alpha: 1, a: 1, b: 1 };
    const of = (customer: RfmSummary, leavesAtFirst: boolean) =>
      bgNbdLogLikelihood({ ...ones, leavesAtFirst }, toPurchaseRows(toRfmColumns([customer]), 7), new Float64Array(4));
    const once = { frequency: 0, recency: 0, age: 21, monetary: 0, firstValue: 0 };
    const twice = { frequency: 1, recency: 7, age: 21, monetary: 1, firstValue: 0 };
    // x = 1, t_x = 1, T = 3 weeks, all parameters 1: B(1, 2) Gamma(2) / 4^2 + B(2, 1) Gamma(2) / 2^2 (equation 6).
    expect(of(twice, false)).toBeCloseTo(Math.log(1 / 2 / 16 + 1 / 2 / 4), 13);
    // Stayed at the first purchase: B(1, 3) / 4^2 + B(2, 2) / 2^2. Once, stayed or left: B(1, 2) / 4 + B(2, 1).
    expect(of(twice, true)).toBeCloseTo(Math.log(1 / 3 / 16 + 1 / 6 / 4), 13);
    expect(of(once, true)).toBeCloseTo(Math.log(1 / 2 / 4 + 1 / 2), 13);
    expect(of(once, false)).toBeCloseTo(Math.log(1 / 4), 13);
  });

  it('Gamma-Gamma is that of the note for one customer, and its gradient that of finite differences', () => {
    const rows = toSpendRows(columns, 10);
    checkGradient([2, 3, 5, 0.4], (point, gradient) => {
      const [p, q, v, firstWeight] = point as [number, number, number, number];
      return gammaGammaLogLikelihood({ p, q, v, firstWeight }, rows, gradient);
    });
    checkGradient([2, 3, 5, 0.4, 3.3], (point, gradient) => {
      const [p, q, v, firstWeight, firstValueLimit] = point as [number, number, number, number, number];
      return gammaGammaLogLikelihood({ p, q, v, firstWeight, firstValueLimit }, rows, gradient);
    });
    // p = q = v = 1, x = 2, m = 3: x^x m^(x-1) v^q / (B(2, 1) (x m + v)^3) = 4 * 3 * 2 / 7^3 (equation 1a).
    const [x, m, f] = [2, 3, 4].map((value) => Float64Array.of(value)) as [Float64Array, Float64Array, Float64Array];
    const one = toSpendRows({ frequency: x, monetary: m, firstValue: f }, 1);
    const at = (v: number, firstWeight: number) =>
      gammaGammaLogLikelihood({ p: 1, q: 1, v, firstWeight }, one, new Float64Array(4));
    expect(at(1, 0)).toBeCloseTo(Math.log(24 / 343), 13);
    // A first purchase of 4 that counts half makes v 2 greater.
    expect(at(1, 0.5)).toBeCloseTo(at(3, 0), 13);
  });
});

function checkGradient(point: number[], f: (point: readonly number[], gradient: Float64Array) => number): void {
  const gradient = new Float64Array(point.length);
  const ignored = new Float64Array(point.length);
  f(point, gradient);
  point.forEach((coordinate, i) => {
    const step = 1e-5 * coordinate;
    const above = f(point.with(i, coordinate + step), ignored);
    const below = f(point.with(i, coordinate - step), ignored);
    expect((above - below) / (2 * step) / gradient[i]!).toBeCloseTo(1, 5);
  });
}
