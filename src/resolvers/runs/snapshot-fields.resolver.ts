import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import type { Snapshot } from '../../entities/index.js';
import type { FeatureDefinition } from '../../ml/features/feature-row.js';
import { FeatureType, SnapshotExampleType, SnapshotType, toExampleType } from '../../schema/runs/snapshot.type.js';
import type { RequestContext } from '../context.js';

@Resolver(() => SnapshotType)
export class SnapshotFieldsResolver {
  @FieldResolver(() => Int, { description: 'Counts up; messages and commands call the snapshot by it.' })
  number(@Root() { id }: Snapshot): number {
    return Number(id);
  }

  @FieldResolver(() => [String], { description: 'Names of the numbers that the model reads, in order.' })
  features(@Root() snapshot: Snapshot): string[] {
    return (snapshot.featureSchema as FeatureDefinition[]).map(({ name }) => name);
  }

  @FieldResolver(() => [FeatureType], {
    description: 'What the numbers that the model reads mean, in the order of `features`.',
  })
  featureSchema(@Root() snapshot: Snapshot): FeatureDefinition[] {
    return snapshot.featureSchema as FeatureDefinition[];
  }

  @FieldResolver(() => [SnapshotExampleType], { description: 'Some rows to look at: always the same ones.' })
  async sample(
    @Arg('first', () => Int, { defaultValue: 5, description: '1 to 100.' }) first: number,
    @Root() snapshot: Snapshot,
    @Ctx() { services }: RequestContext,
  ): Promise<SnapshotExampleType[]> {
    const examples = await services.snapshots.sample(snapshot, first);
    return examples.map((example) => toExampleType(example, snapshot));
  }
}
