import type { HostWeights } from '../model/weights.js';

/**
 * Exponential moving average of weights over training steps (as Izmailov et al. 2018, "Averaging weights leads to wider optima", with a
 * fading memory). It has less noise than the weights of a single step, so that early stopping does not choose by noise. Bias-corrected
 * from the first step on, as Adam's moments are.
 */
export class WeightAverage {
  private readonly sums = new Map<string, Float32Array>();
  private total = 0;

  /** @param memory number of steps after which a step's weight in the average has fallen to 1/e */
  constructor(private readonly memory: number) {}

  /** Once a step. */
  add(weights: HostWeights): void {
    const kept = Math.exp(-1 / this.memory);
    this.total = kept * this.total + 1 - kept;
    for (const [name, { data }] of Object.entries(weights)) {
      const sum = this.sums.get(name) ?? new Float32Array(data.length);
      for (let i = 0; i < sum.length; i++) sum[i] = kept * sum[i]! + (1 - kept) * data[i]!;
      this.sums.set(name, sum);
    }
  }

  /** The average. @param like weights of the same names and shapes */
  value(like: HostWeights): HostWeights {
    return Object.fromEntries(
      [...this.sums].map(([name, sum]) => [name, { ...like[name]!, data: sum.map((each) => each / this.total) }]),
    );
  }
}
