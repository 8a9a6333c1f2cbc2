import type { Queryable } from '../../database/queryable.js';
import { cents } from '../../math.js';
import type { ExplanationContent } from '../../ml/explain/explanation.js';
import type { PredictionPeriod } from '../predictions/prediction-store.js';
import type { ServedClv } from '../predictions/predictions.service.js';

/** Words are most of an explanation's size, so that they are read only where needed. */
const withoutWords: Pick<ExplanationContent, 'tokens' | 'narrative'> = { tokens: [], narrative: [] };

/**
 * Stored explanations of exactly these predictions, by customer id.
 * @param words whether `tokens` and `narrative` are needed; otherwise they are empty
 */
export async function findExplanations(
  queryable: Queryable,
  { modelId, horizonDays, asOf }: PredictionPeriod,
  served: readonly ServedClv[],
  words: boolean,
): Promise<Map<string, ExplanationContent>> {
  const rows = await queryable.query<{ customerId: string; content: ExplanationContent }>(
    `select e.customer_id as "customerId", e.content${words ? '' : " - '{tokens,narrative}'::text[] as content"}
     from unnest($4::bigint[], $5::text[], $6::float8[]) as p (customer_id, feature_hash, predicted)
     join explanation e on e.model_id = $1 and e.horizon_days = $2 and e.as_of = $3
       and e.customer_id = p.customer_id and e.feature_hash = p.feature_hash
       -- Another version may have predicted another value from the same facts.
       and (e.content->>'predicted')::float8 = p.predicted`,
    [
      modelId,
      horizonDays,
      asOf,
      served.map(({ customerId }) => customerId),
      served.map(({ prediction }) => prediction!.featureHash),
      served.map(({ prediction }) => cents(prediction!.expectedValue)),
    ],
  );
  return new Map(
    rows.map(({ customerId, content }) => [customerId, words ? content : { ...content, ...withoutWords }]),
  );
}

/**
 * Stores explanations of periods with stored predictions, and of customers whose facts have not changed since they were predicted. It
 * skips customers who are being changed or deleted at the moment rather than waiting: a text that is being deleted must not be stored
 * again.
 * @param contents in the order of `served`
 */
export async function saveExplanations(
  queryable: Queryable,
  { modelId, horizonDays, asOf }: PredictionPeriod,
  served: readonly ServedClv[],
  contents: readonly ExplanationContent[],
): Promise<void> {
  await queryable.query(
    `insert into explanation (model_id, horizon_days, as_of, customer_id, feature_hash, content)
     select $1, $2, $3, n.customer_id, n.feature_hash, n.content
     from unnest($4::bigint[], $5::text[], $6::jsonb[], $7::timestamptz[])
       as n (customer_id, feature_hash, content, facts_changed_at)
     join customer c on c.id = n.customer_id and c.facts_changed_at = n.facts_changed_at
     join model_version m on m.id = $1 -- nor anybody's of a model that was deleted
     where exists (select from prediction where model_id = $1 and horizon_days = $2 and as_of = $3)
     for share of c skip locked
     for key share of m
     on conflict (model_id, horizon_days, as_of, customer_id) do update set
       feature_hash = excluded.feature_hash, content = excluded.content, computed_at = now()`,
    [
      modelId,
      horizonDays,
      asOf,
      served.map(({ customerId }) => customerId),
      served.map(({ prediction }) => prediction!.featureHash),
      contents.map((content) => JSON.stringify(content)),
      served.map(({ factsVersion }) => factsVersion),
    ],
  );
}
