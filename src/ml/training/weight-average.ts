import type { HostWeights } from '../model/weights.js';

/**
 * Exponential moving average of weights over training steps: steadier than the weights of any one step, it lets early
 * stopping choose between states of training instead of between their noise (Izmailov et al. 2018, "Averaging weights leads
 * to wider optima", with a fading memory). Unbiased from the first step on, as Adam's moments are.
 */
export class WeightAverage {
  private readonly sums = new Map<string, Float32Array>();
  private total = 0;

  /** @param memory steps after which a step counts 1/e */
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

  /** @param like weights of the same names, whose shapes are taken */
  value(like: HostWeights): HostWeights {
    return Object.fromEntries(
      [...this.sums].map(([name, sum]) => [name, { ...like[name]!, data: sum.map((each) => each / this.total) }]),
    );
  }
}
