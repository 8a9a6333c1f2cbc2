import { describe, expect, it } from 'vitest';
import type { OutlookPoint } from '../../../src/ml/features/prior/base-outlook.js';
import { levelCalibration, levelCorrection } from '../../../src/services/fine-tuning/learn-level-correction.js';
import { levelShift, noCorrection } from '../../../src/services/fine-tuning/level-correction.js';

const learnt = { horizonDays: 100, shortestDays: 30, today: [] };

describe('the level correction', () => {
  const correction = levelCorrection([60, 60], [40, 60], { calibration: 0, ...learnt, outlook: [] });

  it('is the ratio of the sums', () =>
    expect(correction).toEqual({ calibration: 0, ratio: 1.2, ...learnt, outlook: [] }));

  it('leaves horizons that were learnt alone', () => {
    expect(levelShift(correction, 30)).toBe(0);
    expect(levelShift(correction, 100)).toBe(0);
    expect(levelShift(noCorrection, 3_650)).toBe(0);
  });

  it('applies to the learnt part of a longer horizon only', () => {
    // 100 of 400 days at 1.2 times the prior, 300 at the prior's level: 1.05 times in all, instead of 1.2.
    expect(Math.exp(levelShift(correction, 400))).toBeCloseTo(1.05 / 1.2, 12);
  });

  describe('of a model whose level today is known', () => {
    const today = [
      { days: 50, ratio: 1.3 },
      { days: 100, ratio: 1.5 },
      { days: 200, ratio: 1.8 },
      { days: 400, ratio: 2.7 },
    ];
    const known = levelCorrection([120], [100], { calibration: 0, ...learnt, today, outlook: [] });

    it('keeps it over horizons that were learnt', () => {
      for (const days of [10, 50, 80, 100]) expect(levelShift(known, days)).toBeCloseTo(0, 12);
    });

    it('takes out, over twice as long a horizon and longer ones, what was not seen', () => {
      // Whatever the network makes of 200 or 400 days, the base is worth what its level over 100 days was.
      expect(1.8 * Math.exp(levelShift(known, 200))).toBeCloseTo(1.1, 12);
      expect(2.7 * Math.exp(levelShift(known, 400))).toBeCloseTo(1.05, 12);
      expect(2.7 * Math.exp(levelShift(known, 800))).toBeCloseTo(1.025, 12);
    });

    it('goes there without a step', () => {
      // Half way from 100 to 200 days, in logs, half of what makes today's 1.5 out of 1.2 is left.
      const days = 100 * Math.SQRT2;
      const mixed = (120 + days - 100) / days;
      expect(Math.sqrt(1.5 * 1.8) * Math.exp(levelShift(known, days))).toBeCloseTo(mixed * Math.sqrt(1.5 / 1.2), 12);
      expect(levelShift(known, 100.0001)).toBeCloseTo(0, 5);
    });
  });

  it('is that of today where the one that was checked is over a prior unlike it', () => {
    const level = (ratio: number) => {
      const today = [{ days: 100, ratio: 1.2 }];
      const known = levelCorrection([100 * ratio], [100], { calibration: 0, ...learnt, today, outlook: [] });
      return 1.2 * Math.exp(levelShift(known, 200));
    };
    expect(level(2.3)).toBeCloseTo((2.3 + 1) / 2, 12);
    for (const ratio of [2.5, 0.5]) expect(level(ratio)).toBeCloseTo((1.2 + 1) / 2, 12);
  });

  it('does nothing where there is nothing to compare', () => {
    expect(levelCorrection([], [], { calibration: 0, ...learnt, outlook: [] })).toEqual(noCorrection);
    expect(levelCorrection([1], [0], { calibration: 0, ...learnt, outlook: [] })).toEqual(noCorrection);
    expect(levelCorrection([0], [1], { calibration: 0, ...learnt, outlook: [] })).toEqual(noCorrection);
  });

  it('keeps the calibration, which training rows tell, where there is nothing to compare', () => {
    const correction = levelCorrection([], [], { calibration: 0.2, ...learnt, outlook: [] });
    expect([30, 3_650].map((days) => levelShift(correction, days))).toEqual([0.2, 0.2]);
  });
});

describe('the bound of a horizon that was not learnt', () => {
  /** What is expected in all over `days`, where the prior expects what the outlook says. */
  const total = (ratio: number, outlook: readonly OutlookPoint[], days: number) => {
    const [from, to] = [outlook[0]!, outlook[1]!];
    const part = Math.log(days / from.days) / Math.log(to.days / from.days);
    const expected = Math.exp(Math.log(from.expected) * (1 - part) + Math.log(to.expected) * part);
    const correction = levelCorrection([ratio], [1], { calibration: 0, ...learnt, outlook });
    return expected * ratio * Math.exp(levelShift(correction, days));
  };
  const outlook = [
    { days: 100, spent: 1_000, expected: 800, paced: 8_000 },
    { days: 200, spent: 1_500, expected: 1_600, paced: 16_000 },
  ];

  it('is what the base spent in as long a time before', () => {
    // At 1.2 times the prior's 800 for the first 100 days and at the prior's level for the rest, 1,760 would be expected.
    expect(total(1.2, outlook, 200)).toBeCloseTo(1_500, 9);
    // 0.8 times the prior: 1,440, less than was spent.
    expect(total(0.8, outlook, 200)).toBeCloseTo(1_440, 9);
  });

  it('grows in proportion where more than that is expected of the learnt horizon', () => {
    expect(total(1.5, outlook, 200)).toBeCloseTo((1_500 * 1.5 * 800) / 1_000, 9);
  });

  it('begins at the learnt horizon without a step, though the model expect more than any pace brings', () => {
    for (const ratio of [0.8, 1.2, 1.5, 3, 30]) {
      expect(total(ratio, outlook, 100.001) / total(ratio, outlook, 100)).toBeCloseTo(1, 4);
    }
  });

  it('brings no less over a longer horizon of which the prior expects little more', () => {
    const slowing = [
      { days: 100, spent: 1_000, expected: 800, paced: 8_000 },
      { days: 400, spent: 4_000, expected: 1_000, paced: 32_000 },
    ];
    // 10 times the prior's 800 for the first 100 days, and the prior's 200 for the other 300.
    expect(total(10, slowing, 400)).toBeCloseTo(8_200, 6);
    expect(total(10, slowing, 200)).toBeGreaterThan(8_000);
  });

  it('brings no less over a longer horizon where the window that was checked lay in another season', () => {
    // The horizon is that of Christmas gifts; in as long a time before there were hardly any.
    const christmas = [
      { days: 100, spent: 450, expected: 540, paced: 8_000 },
      { days: 200, spent: 590, expected: 780, paced: 16_000 },
      { days: 400, spent: 1_640, expected: 1_470, paced: 32_000 },
    ];
    const today = christmas.map(({ days }) => ({ days, ratio: 1.2 }));
    const correction = levelCorrection([0.77], [1], { calibration: 0, ...learnt, today, outlook: christmas });
    const totals = [100, 200, 400].map(
      (days, i) => christmas[i]!.expected * 1.2 * Math.exp(levelShift(correction, days)),
    );
    expect(totals[0]).toBeCloseTo(648, 9);
    expect(totals[1]).toBeCloseTo(648, 9);
    expect(totals[2]).toBeGreaterThan(1_300);
    // Beyond all that is known of the prior, nothing tells.
    expect(Number.isFinite(levelShift(correction, 4_000))).toBe(true);
  });

  it('is the last one known beyond all that are known, and none without sales', () => {
    const correction = levelCorrection([1.2], [1], { calibration: 0, ...learnt, outlook });
    expect(Math.exp(levelShift(correction, 400))).toBeCloseTo(1_500 / 1_600 / 1.2, 9);
    for (const spent of [-5, 0]) {
      const none = { ...correction, outlook: [{ days: 100, spent, expected: 800, paced: 0 }] };
      expect(Math.exp(levelShift(none, 400))).toBeCloseTo(1.05 / 1.2, 9);
    }
    // More was returned than bought lately, which says nothing of longer horizons.
    const returned = {
      ...correction,
      outlook: [{ days: 100, spent: -5, expected: 800, paced: 0 }, outlook[1]!],
    };
    expect(Math.exp(levelShift(returned, 400))).toBeCloseTo(1.05 / 1.2, 9);
  });
});

describe('the pace of a base', () => {
  const outlook = [
    { days: 50, spent: 500, expected: 250, paced: 500 },
    { days: 100, spent: 600, expected: 500, paced: 1_000 },
    { days: 200, spent: 700, expected: 1_000, paced: 2_000 },
    { days: 400, spent: 700, expected: 2_000, paced: 1_000 },
  ];
  const today = outlook.map(({ days }) => ({ days, ratio: 6 }));
  /** Level over the prior's that is left of 6 times, where the newest window had `ratio`. */
  const level = (ratio: number, days: number) =>
    6 * Math.exp(levelShift(levelCorrection([ratio], [1], { calibration: 0, ...learnt, today, outlook }), days));

  it('bounds the level over horizons that were learnt, too', () => {
    for (const days of [30, 50, 70, 100]) expect(level(5, days)).toBeCloseTo(2, 12);
  });

  it('bounds what was seen of it beyond', () => {
    // Twice the prior's for the first 100 days, the prior's for the others.
    expect(level(5, 200)).toBeCloseTo(1.5, 12);
    expect(level(5, 100.0001)).toBeCloseTo(2, 4);
  });

  it('is no step where the customers of today are expected less of', () => {
    for (const ratio of [1.2, 1.8, 3]) {
      const less = outlook.map(({ days }) => ({ days, ratio }));
      const correction = levelCorrection([2.3], [1], { calibration: 0, ...learnt, today: less, outlook });
      const [at, beyond] = [100, 100.0001].map((days) => ratio * Math.exp(levelShift(correction, days)));
      expect(at).toBeCloseTo(Math.min(ratio, 2), 12);
      expect(beyond).toBeCloseTo(at!, 4);
    }
  });

  it('leaves what the prior itself expects', () => expect(level(5, 400)).toBeCloseTo(1, 12));

  it('bounds longer horizons of a model whose level today is not known', () => {
    const slow = [
      { days: 100, spent: 5_000, expected: 500, paced: 1_000 },
      { days: 200, spent: 10_000, expected: 1_000, paced: 1_000 },
    ];
    // 1.2 times the prior's over the first 100 days alone would be 1.1 times; the pace brings no more than the prior.
    const correction = levelCorrection([1.2], [1], { calibration: 0, ...learnt, outlook: slow });
    expect(1.2 * Math.exp(levelShift(correction, 200))).toBeCloseTo(1, 12);
  });

  it('is no reason to expect more', () => {
    const modest = outlook.map(({ days }) => ({ days, ratio: 0.8 }));
    const correction = levelCorrection([0.8], [1], { calibration: 0, ...learnt, today: modest, outlook });
    for (const days of [30, 100]) expect(levelShift(correction, days)).toBeCloseTo(0, 12);
  });
});

describe('the level calibration', () => {
  it('is the log of the ratio of totals where chance cannot have made it', () => {
    const predicted = Array.from({ length: 10_000 }, () => 10);
    expect(
      levelCalibration(predicted.map((value) => ({ actual: value * 1.1, predicted: value, weight: 1 }))),
    ).toBeCloseTo(Math.log(1.1), 3);
  });

  it('is drawn towards nothing where chance may have', () => {
    // One customer of four spent all: ln(1.25) = 0.223, with a standard error of about 1.1.
    expect(levelCalibration([5, 0, 0, 0].map((actual) => ({ actual, predicted: 1, weight: 1 })))).toBeCloseTo(
      0.223 * (0.0498 / (0.0498 + 19 / 16)),
      3,
    );
  });

  it('counts each row by its weight, whatever all weights are multiplied by', () => {
    const rows = [
      ...Array.from({ length: 9_000 }, () => ({ actual: 11, predicted: 10, weight: 1 })),
      ...Array.from({ length: 9_000 }, () => ({ actual: 5, predicted: 10, weight: 0.1 })),
    ];
    expect(levelCalibration(rows)).toBeCloseTo(Math.log(11.5 / 11), 3);
    const few = [5, 0, 0, 0].map((actual) => ({ actual, predicted: 1, weight: 1 }));
    expect(levelCalibration(few.map((row) => ({ ...row, weight: 0.01 })))).toBeCloseTo(levelCalibration(few), 12);
  });

  it('is part of the shift at every horizon', () => {
    const correction = levelCorrection([60, 60], [40, 60], { calibration: 0.1, ...learnt, outlook: [] });
    expect(levelShift(correction, 30)).toBe(0.1);
    expect(levelShift(correction, 400)).toBeCloseTo(0.1 + Math.log(1.05 / 1.2), 12);
  });

  it('does nothing without totals', () => {
    expect(levelCalibration([])).toBe(0);
    expect(levelCalibration([-1, 0].map((actual) => ({ actual, predicted: 1, weight: 1 })))).toBe(0);
  });
});
