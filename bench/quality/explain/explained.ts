import type { DataSource } from 'typeorm';
import type { Attribution } from '../../../src/ml/explain/attribution.js';
import { computeFeatures } from '../../../src/ml/features/compute-features.js';
import type { FeatureGroup } from '../../../src/ml/features/feature-group.js';
import type { FeatureRow } from '../../../src/ml/features/feature-row.js';
import type { Example } from '../../../src/ml/scoring/example.js';
import { spearman } from '../../../src/ml/training/metrics/ranking.js';
import type { ProgressReporter } from '../../../src/progress.js';
import { amountsOf, attributionRequest } from '../../../src/services/explanations/customer-explaining.js';
import type { LoadedModel } from '../../../src/services/models/loaded-model.js';
import { slicesOf } from '../../../src/slices.js';
import type { Protocol } from '../protocols.js';
import { type Game, type Games, playerAmount } from './game.js';

/** An explanation as it is served, unrounded. */
export interface Explained {
  readonly game: Game;
  readonly attribution: Attribution;
  readonly amounts: ReadonlyMap<FeatureGroup, number>;
}

/** In random order, so that the first ones are random too. */
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
  const customerIds = buyers.map((buyer) => buyer.id);
  const rows = new Map<string, FeatureRow>();
  for (const row of await computeFeatures(database, { asOf, customerIds })) rows.set(row.customerId, row);
  return customerIds.map((customer) => rows.get(customer)!);
}

/** Between two reports of progress. */
const attributedAtOnce = 50;

export async function attribute(
  model: LoadedModel,
  customers: readonly { readonly row: FeatureRow; readonly example: Example }[],
  horizonDays: number,
  progress: ProgressReporter,
): Promise<{ attribution: Attribution; amounts: Map<FeatureGroup, number> }[]> {
  const results: { attribution: Attribution; amounts: Map<FeatureGroup, number> }[] = [];
  for (const part of slicesOf(customers, attributedAtOnce)) {
    const requests = part.map(({ example, row }) => attributionRequest(model, example, horizonDays, row.asOf));
    const attributions = await model.attributor().attribute(requests);
    for (const [i, attribution] of attributions.entries()) {
      const { row, example } = part[i]!;
      results.push({ attribution, amounts: amountsOf(model, row, example, attribution, horizonDays) });
    }
    await progress.report('explaining', results.length / customers.length);
  }
  return results;
}

export async function explain(
  model: LoadedModel,
  rows: readonly FeatureRow[],
  games: Games,
  horizonDays: number,
  progress: ProgressReporter,
): Promise<Explained[]> {
  const all = rows.map((row) => games.of(row));
  const attributed = await attribute(model, all, horizonDays, progress);
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
