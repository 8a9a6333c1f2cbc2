import { sum } from '../../math.js';
import type { HostTensor } from '../engine/engine.js';
import type { Example } from '../scoring/example.js';
import { effectsOn } from '../scoring/word-effects.js';

/** Attributions of one customer, in units of the value scale. */
export interface Attribution {
  /** Served quantity of the baseline and of the customer. */
  readonly baselineValue: number;
  readonly value: number;
  /** Of each token of `Example.tokenIds`: what it moves through the encoder and through its effect on the prior. */
  readonly tokens: Float64Array;
  /** Of each numeric token. */
  readonly features: Float64Array;
  /** Of the prior's logit and of its log value. */
  readonly prior: readonly [logit: number, logValue: number];
  /** |sum of attributions - (value - baselineValue)| / |value - baselineValue|. */
  readonly completenessError: number;
  readonly steps: number;
}

/** A customer and what it is compared with. */
export interface AttributionRequest {
  readonly example: Example;
  /** Same shapes as the example's. Its words are the mask token's, special tokens excepted. */
  readonly baselineNumeric: Float32Array;
  readonly baselinePrior: readonly [logit: number, logValue: number];
}

/** The path from a baseline to a customer, both with the prior as moved by their words, and the served quantity at both ends. */
export interface Path {
  readonly request: AttributionRequest;
  readonly baseline: Example;
  readonly customer: Example;
  readonly baselineValue: number;
  readonly value: number;
}

/** Smaller differences, as a share of the value, count as none: their relative error says nothing. */
const negligible = 1e-3;

/** What is summed along a path: gradients times differences; of the prior only gradients, since words take part of its difference. */
export interface PathSum {
  readonly tokens: Float64Array;
  readonly features: Float64Array;
  /** By the prior's logit and its log value. */
  readonly priorGradient: Float64Array;
}

export function newSum({ tokenIds, numeric }: Example): PathSum {
  return {
    tokens: new Float64Array(tokenIds.length),
    features: new Float64Array(numeric.length),
    priorGradient: new Float64Array(2),
  };
}

export function accumulate(total: Float64Array, values: ArrayLike<number>, offset: number, weight: number): void {
  for (let i = 0; i < total.length; i++) total[i]! += weight * values[offset + i]!;
}

/** @param all the weighted sum over all points of the path */
export function toAttribution(path: Path, wordEffects: HostTensor | null, all: PathSum, steps: number): Attribution {
  const { request, baselineValue, value } = path;
  const { features, priorGradient } = all;
  const tokens = wordEffects ? withEffectsOnPrior(all.tokens, path, wordEffects, priorGradient) : all.tokens;
  const ofPrior = (output: 0 | 1): number =>
    priorGradient[output]! * (request.example.prior[output] - request.baselinePrior[output]);
  const prior = [ofPrior(0), ofPrior(1)] as const;
  const completenessError = errorOf(path, [tokens, features, prior]);
  return { baselineValue, value, tokens, features, prior, completenessError, steps };
}

/** Adds what words move through the prior: since that moves along a straight line, the gradient times each word's effect. */
function withEffectsOnPrior(
  tokens: Float64Array,
  { baseline, customer }: Path,
  table: HostTensor,
  gradient: Float64Array,
): Float64Array {
  const [logits, logValues] = ([0, 1] as const).map((output) => {
    const before = effectsOn(output, table, baseline);
    return effectsOn(output, table, customer).map((effect, i) => effect - before[i]!);
  }) as [Float64Array, Float64Array];
  return tokens.map((amount, i) => amount + gradient[0]! * logits[i]! + gradient[1]! * logValues[i]!);
}

function errorOf({ baselineValue, value }: Path, parts: readonly Iterable<number>[]): number {
  const total = sum(parts.flatMap((part) => [...part]));
  const difference = value - baselineValue;
  const scale = Math.max(Math.abs(difference), negligible * Math.abs(value), 1e-9);
  return Math.abs(total - difference) / scale;
}
