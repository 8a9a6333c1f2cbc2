import { describe, expect, it } from 'vitest';
import { sum } from '../../../src/math.js';
import { Random } from '../../../src/random.js';
import { spreadCorrection, spreadOfHeldOut, spreadShift } from '../../../src/services/fine-tuning/spread-correction.js';

const horizonDays = 100;

/** Customers of whom the prior expects e^N(0, 1) a day, the model the same to some power, and who spend to another. */
function heldOut({ ofModel, ofSpend }: { readonly ofModel: number; readonly ofSpend: number }) {
  const random = new Random(3);
  const prior = Array.from({ length: 5_000 }, () => horizonDays * Math.exp(random.normal()));
  const model = prior.map((value) => 2 * value ** ofModel);
  const actual = prior.map((value) => (random.uniform() < 0.5 ? 6 * value ** ofSpend * random.uniform() : 0));
  return { actual, model, prior, horizonDays };
}

const daily = (prior: readonly number[]): number[] => prior.map((value) => value / horizonDays);

describe('the spread correction', () => {
  it('gives a model that is spread too far the spread that held-out customers have', () => {
    const customers = heldOut({ ofModel: 1.2, ofSpend: 1.1 });
    const { exponent } = spreadCorrection(customers, daily(customers.prior))!;
    expect(Math.abs(exponent - 0.1)).toBeLessThan(0.03);
  });

  it('hardly believes few customers', () => {
    const { actual, model, prior } = heldOut({ ofModel: 1.2, ofSpend: 1.1 });
    const few = (values: readonly number[]) => values.slice(0, 50);
    const customers = { actual: few(actual), model: few(model), prior: few(prior), horizonDays };
    expect(Math.abs(spreadCorrection(customers, daily(prior))?.exponent ?? 0)).toBeLessThan(0.05);
  });

  it("stops at the prior's spread, whatever the held-out customers did", () => {
    const customers = heldOut({ ofModel: 1.2, ofSpend: 0.6 });
    expect(spreadCorrection(customers, daily(customers.prior))!.exponent).toBeCloseTo(0.2, 3);
  });

  it('goes no farther than half, whatever a few customers say', () => {
    const customers = heldOut({ ofModel: 2.5, ofSpend: 1 });
    expect(spreadCorrection(customers, daily(customers.prior))!.exponent).toBe(0.5);
  });

  it.each([
    { ofModel: 1.2, ofSpend: 1.5 },
    { ofModel: 0.8, ofSpend: 0.5 },
    { ofModel: 1, ofSpend: 0.7 },
  ])('never makes what is wrong worse, nor corrects away from the prior: $ofModel, $ofSpend', (powers) => {
    const customers = heldOut(powers);
    expect(Math.abs(spreadCorrection(customers, daily(customers.prior))?.exponent ?? 0)).toBeLessThan(1e-3);
  });

  it('draws a model apart that is closer together than its prior, where customers are farther apart', () => {
    const customers = heldOut({ ofModel: 0.8, ofSpend: 1 });
    const { exponent } = spreadCorrection(customers, daily(customers.prior))!;
    expect(exponent).toBeGreaterThan(-0.21);
    expect(exponent).toBeLessThan(-0.15);
  });

  it('leaves what is expected of all customers together as it is', () => {
    const customers = heldOut({ ofModel: 1.3, ofSpend: 1 });
    const { model } = customers;
    const shifts = spreadOfHeldOut(customers);
    const corrected = model.map((value, i) => value * Math.exp(shifts[i]!));
    expect(sum(corrected) / sum(model)).toBeCloseTo(1, 3);
    expect(Math.max(...corrected)).toBeLessThan(Math.max(...model));
  });

  it('moves the best down and the weak up, and those at the ends no more than others', () => {
    const correction = { exponent: 0.1, pivot: 2, range: [0.2, 40], horizonDays } as const;
    expect(spreadShift(correction, 2)).toBeCloseTo(0, 12);
    expect(spreadShift(correction, 20)).toBeCloseTo(-0.1 * Math.log(10), 12);
    expect(spreadShift(correction, 4_000)).toBeCloseTo(-0.1 * Math.log(20), 12);
    expect(spreadShift(correction, 1e-9)).toBeCloseTo(0.1 * Math.log(10), 12);
  });

  it('holds for all but half a per cent of the base at either end', () => {
    const customers = heldOut({ ofModel: 1.2, ofSpend: 1 });
    const base = daily(customers.prior);
    const { range } = spreadCorrection(customers, base)!;
    const outside = base.filter((expected) => expected < range[0] || expected > range[1]);
    expect(outside.length / base.length).toBeCloseTo(0.01, 3);
  });

  it('corrects nothing where nothing can be told', () => {
    const nothing = { actual: [], model: [], prior: [], horizonDays };
    expect(spreadCorrection(nothing, [])).toBeNull();
    expect(spreadOfHeldOut({ actual: [0, 0], model: [1, 2], prior: [1, 3], horizonDays })).toEqual([0, 0]);
    const customers = heldOut({ ofModel: 1.2, ofSpend: 1 });
    expect(spreadCorrection(customers, [])).toBeNull();
    const against = heldOut({ ofModel: -0.5, ofSpend: 0.5 });
    expect(spreadCorrection(against, daily(against.prior))).toBeNull();
  });
});
