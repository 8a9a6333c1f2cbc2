import { type FeatureGroup, featureGroups } from '../../../src/ml/features/feature-group.js';
import type { FeatureRow } from '../../../src/ml/features/feature-row.js';
import { numericTokens } from '../../../src/ml/features/model-input.js';
import type { RfmSummary } from '../../../src/ml/features/prior/rfm-summary.js';
import { inputNames, mixed } from '../../../src/ml/features/prior/shapley.js';
import { rfmOf } from '../../../src/ml/features/rfm.js';
import { groupOfInput } from '../../../src/ml/explain/contributions.js';
import { anchored, type Example, tokenGroupNames } from '../../../src/ml/scoring/example.js';
import { toServedPrediction } from '../../../src/ml/scoring/served-prediction.js';
import type { ProgressReporter } from '../../../src/progress.js';
import { attributionRequest, priorOf } from '../../../src/services/explanations/customer-explaining.js';
import { exampleOf, modelInputOf } from '../../../src/services/scoring/customer-scoring.js';
import type { LoadedModel } from '../../../src/services/models/loaded-model.js';
import type { Coalition } from './metrics.js';

/**
 * The game that an explanation of one customer is judged by: players are feature groups; the value of a coalition is
 * the served prediction, in currency, of a customer who is as this one in the coalition's groups and typical in the
 * others. Absent words are the mask token's, absent numbers and inputs of the prior the typical customer's: the very
 * baseline of the explanation.
 */
export interface Game {
  readonly row: FeatureRow;
  readonly example: Example;
  /** Groups in which the customer differs from the baseline, or says something in words. */
  readonly players: readonly (readonly FeatureGroup[])[];
  /** Values known so far. */
  readonly values: Map<Coalition, number>;
}

export class Games {
  private readonly typical: RfmSummary;
  private readonly groupOfNumber: readonly FeatureGroup[];

  constructor(
    private readonly model: LoadedModel,
    private readonly horizonDays: number,
  ) {
    this.typical = model.bundle.typical.rfm;
    this.groupOfNumber = numericTokens(model.bundle.scaler).map(({ group }) => group);
  }

  of(row: FeatureRow): Game {
    const example = exampleOf(this.model, modelInputOf(this.model, row, this.horizonDays));
    const { baselineNumeric } = attributionRequest(this.model, example, this.horizonDays, row.asOf);
    const rfm = rfmOf(row.features);
    const present = new Set<FeatureGroup>();
    for (const group of example.tokenGroups) if (group > 0) present.add(tokenGroupNames[group] as FeatureGroup);
    for (const [i, group] of this.groupOfNumber.entries()) {
      if (example.numeric[i] !== baselineNumeric[i]) present.add(group);
    }
    for (const input of inputNames) if (rfm[input] !== this.typical[input]) present.add(groupOfInput[input]);
    const players = featureGroups.filter((group) => present.has(group)).map((group) => [group]);
    return { row, example, players, values: new Map() };
  }

  /** Makes these coalitions' values known, all customers' together in large batches. */
  async evaluate(
    games: readonly Game[],
    coalitionsOf: (game: Game) => Iterable<Coalition>,
    progress: ProgressReporter,
  ): Promise<void> {
    for (let start = 0; start < games.length; start += customersAtOnce) {
      const asked = games.slice(start, start + customersAtOnce).flatMap((game) => {
        const unknown = new Set([...coalitionsOf(game)].filter((coalition) => !game.values.has(coalition)));
        return [...unknown].map((coalition) => ({ game, coalition, example: this.masked(game, coalition) }));
      });
      const raw = await this.model.predictor.predict(
        asked.map(({ example }) => example),
        {
          onBatch: (done) =>
            progress.report(
              'evaluating masked customers',
              Math.min(start + (customersAtOnce * done) / asked.length, games.length) / games.length,
            ),
        },
      );
      for (const [i, { game, coalition, example }] of asked.entries()) {
        const served = toServedPrediction(this.model.spec, raw[i]!, example, this.model.bundle.scale);
        game.values.set(coalition, served.expectedValue);
      }
    }
  }

  private masked({ row, example, players }: Game, coalition: Coalition): Example {
    const { horizonDays, model } = this;
    const absent = new Set(players.filter((_, player) => !(coalition & (1 << player))).flat());
    if (absent.size === 0) return example;
    const { baselineNumeric } = attributionRequest(model, example, horizonDays, row.asOf);
    const inputs = inputNames.reduce((bits, input, i) => (absent.has(groupOfInput[input]) ? bits : bits | (1 << i)), 0);
    const isAbsent = (group: FeatureGroup | '') => group !== '' && absent.has(group);
    return {
      tokenIds: example.tokenIds.map((id, position) =>
        isAbsent(tokenGroupNames[example.tokenGroups[position]!]!) ? model.tokenizer.special.mask : id,
      ),
      tokenGroups: example.tokenGroups,
      numeric: example.numeric.map((own, i) => (isAbsent(this.groupOfNumber[i]!) ? baselineNumeric[i]! : own)),
      prior: anchored(priorOf(model, mixed(this.typical, rfmOf(row.features), inputs), horizonDays, row.asOf)),
    };
  }
}

/** Bounds memory: some 100 masked variants of each are made at once. */
const customersAtOnce = 50;

/** The game with its least important players, by absolute amount, joined into one so that no more than `most` are left. */
export function joinSmallest(game: Game, amounts: ReadonlyMap<FeatureGroup, number>, most: number): Game {
  if (game.players.length <= most) return game;
  const size = (player: readonly FeatureGroup[]) => Math.abs(playerAmount(player, amounts));
  const bySize = game.players.toSorted((a, b) => size(b) - size(a));
  return { ...game, players: [...bySize.slice(0, most - 1), bySize.slice(most - 1).flat()], values: new Map() };
}

/** What an explanation attributes to a player. */
export function playerAmount(player: readonly FeatureGroup[], amounts: ReadonlyMap<FeatureGroup, number>): number {
  return player.reduce((sum, group) => sum + (amounts.get(group) ?? 0), 0);
}
