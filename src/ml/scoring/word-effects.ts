import type { HostTensor } from '../engine/engine.js';
import type { FeatureGroup } from '../features/feature-group.js';
import { type Example, tokenGroupNames } from './example.js';

type Words = Pick<Example, 'tokenIds' | 'tokenGroups'>;

/** Groups whose words say more than the numeric features; the other groups' only put these into words. */
const tellingGroups = new Set<FeatureGroup | ''>(['categories', 'support', 'engagement', 'country']);
const tells = tokenGroupNames.map((name) => tellingGroups.has(name));

/** Weight of each token in the sum of effects: 1 / √n for each of the n tokens of those groups, 0 for the others. [L] */
export function wordShares({ tokenGroups }: Words): Float32Array {
  const words = tokenGroups.reduce((count, group) => count + Number(tells[group]), 0);
  const share = 1 / Math.sqrt(Math.max(words, 1));
  const shares = new Float32Array(tokenGroups.length);
  for (let i = 0; i < shares.length; i++) if (tells[tokenGroups[i]!]) shares[i] = share;
  return shares;
}

/** What each token adds to one of the prior's outputs: 0 the logit, 1 the log value. [L] */
export function effectsOn(output: 0 | 1, table: HostTensor, words: Words): Float64Array {
  const shares = wordShares(words);
  return Float64Array.from(words.tokenIds, (id, i) => shares[i]! * table.data[2 * id + output]!);
}

/**
 * The example with its prior moved by its words: the "wide" part of wide and deep learning (Cheng et al. 2016, section
 * 3.1) over the narrative.
 * @param table [V, 2], how far each word piece moves the prior's logit and log value; null where words do not
 */
export function movedByWords<E extends Example>(example: E, table: HostTensor | null): E {
  if (!table) return example;
  // No array of the effects is made: this is done for each customer of a base.
  const shares = wordShares(example);
  const moved = (output: 0 | 1): number =>
    example.tokenIds.reduce((sum, id, i) => sum + shares[i]! * table.data[2 * id + output]!, example.prior[output]);
  return { ...example, prior: [moved(0), moved(1)] };
}
