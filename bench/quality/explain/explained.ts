import type { DataSource } from 'typeorm';
import type { Attribution } from '../../../src/ml/explain/integrated-gradients.js';
import { computeFeatures } from '../../../src/ml/features/compute-features.js';
import type { FeatureGroup } from '../../../src/ml/features/feature-group.js';
import type { FeatureRow } from '../../../src/ml/features/feature-row.js';
import type { Example } from '../../../src/ml/scoring/example.js';
import { spearman } from '../../../src/ml/training/metrics/ranking.js';
import { amountsOf, attributionRequest } from '../../../src/services/customer-explaining.js';
import type { LoadedModel } from '../../../src/services/loaded-model.js';
import type { Protocol } from '../protocols.js';
import { type Game, type Games, playerAmount } from './game.js';

/** An explanation as it is served, unrounded. */
export interface Explained {
  readonly game: Game;
  readonly attribution: Attribution;
  readonly amounts: ReadonlyMap<FeatureGroup, number>;
}

export async function randomCustomers(
  database: DataSource,
  { id, asOf }: Protocol,
  count: number,
): Promise<FeatureRow[]> {
  const buyers = await database.query<{ id: string }[]>(
    `select id from customer c where exists
       (select from purchase_day d where d.customer_id = c.id and d.net > 0 and d.day < ($1::timestamptz at time zone 'UTC')::date)
     order by md5($2 || ' ' || id) limit $3`,
    [asOf, id, count],
  );
  return computeFeatures(database, { asOf, customerIds: buyers.map((buyer) => buyer.id) });
}

export async function attribute(
  model: LoadedModel,
  games: readonly { readonly row: FeatureRow; readonly example: Example }[],
  horizonDays: number,
): Promise<{ attribution: Attribution; amounts: Map<FeatureGroup, number> }[]> {
  const requests = games.map(({ example, row }) => attributionRequest(model, example, horizonDays, row.asOf));
  const attributions = await model.attributor().attribute(requests);
  return attributions.map((attribution, i) => {
    const { row, example } = games[i]!;
    return { attribution, amounts: amountsOf(model, row, example, attribution, horizonDays) };
  });
}

export async function explain(
  model: LoadedModel,
  rows: readonly FeatureRow[],
  games: Games,
  horizonDays: number,
): Promise<Explained[]> {
  const all = rows.map((row) => games.of(row));
  const attributed = await attribute(model, all, horizonDays);
  return all.map((game, i) => ({ game, ...attributed[i]! }));
}

/** In the order of the players. */
export const amountsIn = ({ game, amounts }: Explained): number[] =>
  game.players.map((player) => playerAmount(player, amounts));

export function rankCorrelation(pairs: readonly (readonly [number, number])[]): number | null {
  return spearman(
    pairs.map(([a]) => a),
    pairs.map(([, b]) => b),
  );
}
