import { describe, expect, it } from 'vitest';
import { driftStateOf, populationStability } from '../../../src/ml/training/population-stability.js';
import { Random } from '../../../src/random.js';

const random = new Random(4);
const normals = (count: number, mean = 0) => Array.from({ length: count }, () => random.normal(mean, 1));

const term = (p: number, q: number) => (p - q) * Math.log(p / q);

describe('the population stability index', () => {
  it('is the sum over deciles of (p - q) ln(p / q)', () => {
    const reference = Array.from({ length: 1_000 }, (_, i) => i);
    // The lowest tenth twice as often, the highest not at all.
    const current = reference.map((value) => (value >= 900 ? value - 900 : value));
    const share = (count: number) => (count + 0.5) / (1_000 + 5);
    const expected = term(share(200), share(100)) + term(share(0), share(100));
    expect(populationStability(reference, current)!.psi).toBeCloseTo(expected, 10);
    // The deciles are those of the known values, beside a bin of as many missing ones.
    const withGaps = (values: readonly number[]) => values.flatMap((value) => [value, null]);
    const gapped = (count: number) => (count + 0.5) / (2_000 + 5.5);
    expect(populationStability(withGaps(reference), withGaps(current))!.psi).toBeCloseTo(
      term(gapped(200), gapped(100)) + term(gapped(0), gapped(100)),
      10,
    );
    expect(populationStability(reference, reference)).toMatchObject({ psi: 0, state: 'STABLE' });
  });

  it('calls a shift by what it is', () => {
    const reference = normals(2_000);
    expect(populationStability(reference, normals(2_000, 0.05))!.state).toBe('STABLE');
    expect(populationStability(reference, normals(2_000, 0.38))!.state).toBe('MODERATE');
    expect(populationStability(reference, normals(2_000, 1))!.state).toBe('SIGNIFICANT');
  });

  it('is moderate from 0.1 and significant from 0.25 on', () => {
    expect([0.0999, 0.1, 0.2499, 0.25].map(driftStateOf)).toEqual(['STABLE', 'MODERATE', 'MODERATE', 'SIGNIFICANT']);
  });

  it('has the noise of both samples', () => {
    const [few, many] = [normals(50), normals(5_000)];
    const noise = populationStability(few, many)!.noise;
    expect(populationStability(many, few)!.noise).toBeCloseTo(noise, 12);
    expect(populationStability(many, normals(5_000))!.noise).toBeLessThan(noise / 20);
  });

  it('stays within its noise where nothing has changed, however few there are', () => {
    const measured = Array.from({ length: 300 }, () => populationStability(normals(60), normals(60))!);
    expect(measured.filter(({ psi, noise }) => psi > noise).length).toBeLessThanOrEqual(3);
    const within = measured.filter(({ psi, noise }) => psi <= noise);
    expect(new Set(within.map(({ state }) => state))).toEqual(new Set(['STABLE']));
    expect(Math.max(...within.map(({ psi }) => psi))).toBeGreaterThan(0.25);
  });

  it('has bins for what is always the same, for what is rare, and for what is missing', () => {
    const mostlyZero = Array.from({ length: 1_000 }, (_, i) => (i < 950 ? 0 : i));
    const half = mostlyZero.map((value, i) => (i % 2 ? 7 : value));
    expect(populationStability(mostlyZero, half)!.state).toBe('SIGNIFICANT');
    const withGaps = mostlyZero.map((value, i) => (i % 2 ? null : value));
    expect(populationStability(mostlyZero, withGaps)!.state).toBe('SIGNIFICANT');
    expect(populationStability(withGaps, withGaps)!.psi).toBe(0);
    expect(populationStability([null, null, 3, 3], [null, 3])).toMatchObject({ state: 'STABLE' });
  });

  it('sees a change of what is nearly always the largest', () => {
    const stars = Array.from({ length: 1_000 }, (_, i) => (i < 950 ? 5 : 1 + (i % 4)));
    const bad = stars.map((value) => 6 - value);
    // Two bins: of 1,000 customers 50 were below the largest, and 988 are now.
    const share = (count: number) => (count + 0.5) / (1_000 + 1);
    expect(populationStability(stars, bad)).toMatchObject({
      psi: expect.closeTo(term(share(988), share(50)) + term(share(12), share(950)), 10),
      state: 'SIGNIFICANT',
    });
    expect(populationStability([...stars, null], [...bad, null])!.state).toBe('SIGNIFICANT');
    expect(populationStability(stars, stars)).toMatchObject({ psi: 0, state: 'STABLE' });
  });

  it('is undefined where there is nothing to measure', () => {
    expect(populationStability([5, 5, 5], [1, 2])).toBeNull();
    expect(populationStability([null, null], [1, 2])).toBeNull();
    expect(populationStability([1, 2, 3], [])).toBeNull();
  });
});
