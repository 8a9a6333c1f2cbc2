import type { DataSource } from 'typeorm';
import type { FeatureGroup } from '../../../src/ml/features/feature-group.js';
import { partOf, type ProgressReporter } from '../../../src/progress.js';
import { Random } from '../../../src/random.js';
import { amountsOf } from '../../../src/services/explanations/customer-explaining.js';
import type { LoadedModel, ModelLoader } from '../../../src/services/models/loaded-model.js';
import { attribute, type Explained, rankCorrelation } from './explained.js';
import { playerAmount } from './game.js';
import { type Estimate, estimate, quantile, sensitivityMax } from './metrics.js';
import { type RandomisedPart, randomisedParts, withRandomisedWeights } from './randomised-weights.js';

/** Captum's defaults. */
const perturbationsEach = 10;
const radius = 0.02;

export interface SensitivityResult {
  readonly mean: Estimate;
  readonly p95: number;
}

export interface RandomisedResult {
  readonly part: RandomisedPart;
  /** Rank correlation with the trained model's explanation. */
  readonly all: Estimate;
  /** The same of what words and numbers contribute, without the prior, which has no weights to randomise. */
  readonly learnt: Estimate;
}

/** Numbers and the prior's outputs are moved; words cannot be moved by a little. */
export async function sensitivityTest(
  id: string,
  model: LoadedModel,
  explained: readonly Explained[],
  horizonDays: number,
  progress: ProgressReporter,
): Promise<SensitivityResult> {
  const perturbed = explained.flatMap(({ game: { row, example } }) => {
    const random = new Random(`${id}/perturbed/${row.customerId}`);
    const moved = (value: number) => value + radius * (2 * random.uniform() - 1);
    return Array.from({ length: perturbationsEach }, () => ({
      row,
      example: {
        ...example,
        numeric: example.numeric.map(moved),
        prior: [moved(example.prior[0]), moved(example.prior[1])] as const,
      },
    }));
  });
  const attributed = await attribute(model, perturbed, horizonDays, progress);
  const largest = explained.map((each, i) => {
    const groups = [...each.amounts.keys()];
    const vector = (amounts: ReadonlyMap<FeatureGroup, number>) => groups.map((group) => amounts.get(group) ?? 0);
    const others = attributed.slice(i * perturbationsEach, (i + 1) * perturbationsEach);
    return sensitivityMax(
      vector(each.amounts),
      others.map(({ amounts }) => vector(amounts)),
    );
  });
  return { mean: estimate(largest, `${id}/sensitivity`), p95: quantile(largest, 0.95) };
}

/** The sanity check of Adebayo et al. 2018: an explanation that does not change with the weights explains no model. */
export async function randomisedTest(
  id: string,
  source: { database: DataSource; models: ModelLoader },
  model: LoadedModel,
  explained: readonly Explained[],
  horizonDays: number,
  progress: ProgressReporter,
): Promise<RandomisedResult[]> {
  const learnt = (of: Explained) =>
    amountsOf(model, of.game.row, of.game.example, { ...of.attribution, prior: [0, 0] }, horizonDays);
  const results: RandomisedResult[] = [];
  for (const [place, part] of randomisedParts.entries()) {
    const share = partOf(progress, place / randomisedParts.length, (place + 1) / randomisedParts.length);
    const others = await withRandomisedWeights(source, model, part, (randomised) =>
      attribute(
        randomised,
        explained.map(({ game }) => game),
        horizonDays,
        share,
      ),
    );
    const correlations = (amounts: (of: Explained) => ReadonlyMap<FeatureGroup, number>) =>
      explained.flatMap((each, i) => {
        const [own, other] = [amounts(each), amounts({ ...each, ...others[i]! })];
        return (
          rankCorrelation(
            each.game.players.map((player) => [playerAmount(player, own), playerAmount(player, other)]),
          ) ?? []
        );
      });
    results.push({
      part,
      all: estimate(
        correlations(({ amounts }) => amounts),
        `${id}/randomised`,
      ),
      learnt: estimate(correlations(learnt), `${id}/randomised`),
    });
  }
  return results;
}
