/**
 * Seeded random numbers: the same seed gives the same numbers on every machine.
 *
 * The generator is sfc32 (Chris Doty-Humphrey, PractRand), 128 bits of state. Streams that must not
 * depend on each other take seeds of their own, e.g. `new Random(`${seed}/epoch/${epoch}`)`.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;
  /** The polar method makes normals in pairs; the second one waits here. */
  private spareNormal: number | undefined;

  /** @param seed any text or number; numbers and their decimal text give the same stream */
  constructor(seed: number | string) {
    [this.a, this.b, this.c] = hashSeed(String(seed));
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** A whole number, uniform in [0, 2^32). */
  uint32(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** Uniform in the open interval (0, 1): safe to take the logarithm of, or of 1 minus it. */
  uniform(): number {
    return (this.uint32() + 0.5) / 4294967296;
  }

  /** A whole number, uniform in [0, bound), without modulo bias. `bound` is at most 2^32. */
  integer(bound: number): number {
    const limit = 4294967296 - (4294967296 % bound);
    let draw = this.uint32();
    while (draw >= limit) draw = this.uint32();
    return draw % bound;
  }

  /** Normal, by Marsaglia's polar method. */
  normal(mean = 0, standardDeviation = 1): number {
    return mean + standardDeviation * this.standardNormal();
  }

  /** Exponential with the given rate (mean 1 / rate). */
  exponential(rate: number): number {
    return -Math.log(this.uniform()) / rate;
  }

  /** Gamma with the given shape and rate (mean shape / rate). Marsaglia & Tsang 2000. */
  gamma(shape: number, rate = 1): number {
    if (shape < 1) return this.gamma(shape + 1, rate) * this.uniform() ** (1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.standardNormal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(this.uniform()) < 0.5 * x * x + d * (1 - v + Math.log(v))) return (d * v) / rate;
    }
  }

  /** Beta(a, b) on (0, 1). */
  beta(a: number, b: number): number {
    const x = this.gamma(a);
    return x / (x + this.gamma(b));
  }

  /** Poisson with the given mean; large means are halved by a gamma draw (Ahrens & Dieter 1974). */
  poisson(mean: number): number {
    let remaining = mean;
    let count = 0;
    while (remaining > 30) {
      const shape = Math.floor(remaining * 0.875);
      const arrival = this.gamma(shape);
      if (arrival > remaining) return count + this.binomial(shape - 1, remaining / arrival);
      count += shape;
      remaining -= arrival;
    }
    const limit = Math.exp(-remaining);
    let product = this.uniform();
    while (product > limit) {
      count++;
      product *= this.uniform();
    }
    return count;
  }

  /** One of the items, with probabilities in proportion to the weights, which are not negative; without weights, equal ones. */
  pick<T>(items: readonly T[], weights?: readonly number[]): T {
    if (items.length === 0) throw new RangeError('Random.pick: there is nothing to pick from.');
    if (!weights) return items[this.integer(items.length)] as T;
    let threshold = this.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
    const index = weights.findIndex((weight) => (threshold -= weight) < 0);
    return items[index < 0 ? items.length - 1 : index] as T;
  }

  /** Shuffles the array in place (Fisher-Yates) and returns it. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const swapped = items[i];
      items[i] = items[j];
      items[j] = swapped;
    }
    return items;
  }

  private standardNormal(): number {
    if (this.spareNormal !== undefined) {
      const spare = this.spareNormal;
      this.spareNormal = undefined;
      return spare;
    }
    for (;;) {
      const u = 2 * this.uniform() - 1;
      const v = 2 * this.uniform() - 1;
      const square = u * u + v * v;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      this.spareNormal = v * scale;
      return u * scale;
    }
  }

  private binomial(trials: number, probability: number): number {
    let count = 0;
    for (let i = 0; i < trials; i++) if (this.uniform() < probability) count++;
    return count;
  }
}

/** cyrb128 (bryc, public domain): spreads any text over 96 bits, so that seeds 1 and 2 have nothing in common. */
function hashSeed(text: string): [number, number, number] {
  let [h1, h2, h3, h4] = [1779033703, 3144134277, 1013904242, 2773480762];
  for (let i = 0; i < text.length; i++) {
    const k = text.charCodeAt(i);
    h1 = h2 ^ Math.imul(h1 ^ k, 597399067);
    h2 = h3 ^ Math.imul(h2 ^ k, 2869860233);
    h3 = h4 ^ Math.imul(h3 ^ k, 951274213);
    h4 = h1 ^ Math.imul(h4 ^ k, 2716044179);
  }
  h1 = Math.imul(h3 ^ (h1 >>> 18), 597399067);
  h2 = Math.imul(h4 ^ (h2 >>> 22), 2869860233);
  h3 = Math.imul(h1 ^ (h3 >>> 17), 951274213);
  h4 = Math.imul(h2 ^ (h4 >>> 19), 2716044179);
  return [(h1 ^ h2 ^ h3 ^ h4) | 0, (h2 ^ h1) | 0, (h3 ^ h1) | 0];
}
