import { GraphQLJSON } from 'graphql-scalars';
import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { Snapshot, SnapshotSplit } from '../../entities/index.js';
import type { FeatureGroup } from '../../ml/features/feature-group.js';
import type { FeatureDefinition, TrainingWindow } from '../../ml/features/feature-row.js';
import type { SnapshotExample } from '../../services/preprocessing/snapshots.service.js';
import { connectionOf } from '../connection.js';
import { JsonObjectScalar } from '../scalars/json-object.scalar.js';
import { NodeType } from '../node.type.js';
import { FeatureGroupEnum, FeatureUnitEnum, SnapshotSplitEnum } from './snapshot.enum.js';

@ObjectType('Feature', { description: 'A number that the model reads of each customer.' })
export class FeatureType {
  @Field({ simple: true })
  name: string;

  @Field({ simple: true, description: 'For CRM users.' })
  label: string;

  @Field(() => FeatureGroupEnum, { simple: true })
  group: FeatureGroup;

  @Field(() => FeatureUnitEnum, { simple: true })
  unit: FeatureDefinition['unit'];
}

@ObjectType('NarrativeSpan', { description: 'A piece of the narrative that is about one thing.' })
export class NarrativeSpanType {
  @Field(() => FeatureGroupEnum, { simple: true })
  group: FeatureGroup;

  @Field({ simple: true })
  text: string;
}

@ObjectType('SnapshotExample', {
  description: 'One customer in one training window: what the model reads, and the answer.',
})
export class SnapshotExampleType {
  @Field(() => SnapshotSplitEnum, { simple: true })
  split: SnapshotSplit;

  @Field({ simple: true, description: 'The customer as known at this instant.' })
  asOf: Date;

  @Field(() => Int, { simple: true })
  horizonDays: number;

  @Field({ simple: true, description: 'The words that the model reads.' })
  narrative: string;

  @Field(() => [NarrativeSpanType], { simple: true })
  narrativeSpans: NarrativeSpanType[];

  @Field(() => JsonObjectScalar, { simple: true, description: 'Value by name of feature; null where missing.' })
  features: Record<string, number | null>;

  @Field(() => Float, { simple: true, description: 'Net spend in the horizon, which the model learns to predict.' })
  label: number;
}

/** A row of the database as the API shows it: its values get their names. */
export function toExampleType({ row, window, split, label }: SnapshotExample, snapshot: Snapshot): SnapshotExampleType {
  const names = (snapshot.featureSchema as FeatureDefinition[]).map(({ name }) => name);
  const { horizonDays } = snapshot.windows[window] as TrainingWindow;
  return {
    split,
    asOf: row.asOf,
    horizonDays,
    narrative: row.narrative.map(({ text }) => text).join(' '),
    narrativeSpans: [...row.narrative],
    features: Object.fromEntries(names.map((name, index) => [name, row.features[index] ?? null])),
    label,
  };
}

@ObjectType('Snapshot', {
  implements: NodeType,
  description: 'What a preprocessing run made: the data that models learn from.',
})
export class SnapshotType extends NodeType {
  @Field({
    simple: true,
    description: "Nothing dated on this instant's day in UTC or later reached a feature or a label.",
  })
  asOf: Date;

  @Field(() => Int, { simple: true })
  horizonDays: number;

  @Field(() => [String], {
    simple: true,
    description: 'Attributes of customers that models of this snapshot read, besides orders and events.',
  })
  covariates: string[];

  @Field(() => JsonObjectScalar, { simple: true })
  options: Record<string, unknown>;

  @Field(() => JsonObjectScalar, {
    simple: true,
    description:
      'Counts of the cleaning: rows read, duplicates, returns, outliers, imputed values, customers kept and dropped; ' +
      'since when events have been recorded, if not for as long as training looks back; ' +
      'which newcomers come back less than customers did before; whether customers had bought before history begins; ' +
      'in which months they buy more often; and since when all buy more often.',
  })
  report: Record<string, unknown>;

  @Field(() => GraphQLJSON, { simple: true, description: 'The (as-of, horizon) windows cut from history.' })
  windows: unknown[];

  @Field({ simple: true })
  createdAt: Date;

  @Field(() => Date, { simple: true, nullable: true })
  completedAt: Date | null;
}

export const SnapshotConnection = connectionOf('Snapshot', SnapshotType);
