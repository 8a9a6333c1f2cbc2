import { type FeatureGroup, featureGroups } from '../features/feature-group.js';
import type { ModelInput } from '../features/feature-row.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { logit } from '../../math.js';

/** A model input with its narrative in token ids. */
export interface Example {
  readonly tokenIds: Int32Array;
  /** Index into `tokenGroupNames` for each token: 0 for special tokens. */
  readonly tokenGroups: Uint8Array;
  readonly numeric: Float32Array;
  /** As in `ModelInput`, with the value in units of the value scale and the odds as `anchored` says. */
  readonly prior: readonly [logit: number, logValue: number];
}

export interface LabelledExample extends Example {
  /** Net spend in the horizon, in units of the value scale. */
  readonly value: number;
}

export interface TrainingExample extends LabelledExample {
  /** How much it counts beside the others; above 0. */
  readonly weight: number;
}

/** Names behind `Example.tokenGroups`. */
export const tokenGroupNames: readonly (FeatureGroup | '')[] = ['', ...featureGroups];

const indexOfGroup = new Map(tokenGroupNames.map((name, index) => [name, index]));

interface EncodingOptions {
  /** Longest text, special tokens included. */
  readonly maxTokens: number;
  /** Currency units that the model counts as 1, so that its numbers are of ordinary size in any currency. */
  readonly valueScale: number;
}

export function toExample(input: ModelInput, tokenizer: Tokenizer, options: EncodingOptions): Example {
  const { maxTokens, valueScale } = options;
  const { ids, groups } = tokenizer.encodeSpans(input.narrative, maxTokens);
  return {
    tokenIds: ids,
    tokenGroups: Uint8Array.from(groups.map((group) => indexOfGroup.get(group) ?? 0)),
    numeric: input.numeric,
    prior: anchored(inUnitsOf(valueScale, input)),
  };
}

/** The prior with its value in units of the value scale, before `anchored`. */
export function inUnitsOf(
  valueScale: number,
  { prior: [odds, logValue] }: Pick<ModelInput, 'prior'>,
): Example['prior'] {
  return [odds, logValue - Math.log(valueScale)];
}

const leastOdds = logit(0.001);

/**
 * The prior that a network moves, with a probability of a purchase of 1 in 1,000 at least. The prior takes customers who pause, such as
 * students in summer, for ones who have left; a network that had to raise odds of e^-20 to theirs would change the values of all others
 * along with them.
 */
export function anchored([odds, logValue]: Example['prior']): Example['prior'] {
  return [Math.max(odds, leastOdds), logValue];
}

/** Adds to the prior's log value. */
export function shiftLevel<E extends Example>(example: E, shift: number): E {
  const [logit, logValue] = example.prior;
  return { ...example, prior: [logit, logValue + shift] };
}
