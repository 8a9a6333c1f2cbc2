import { Max, Min } from 'class-validator';
import { Field, ID, InputType, Int } from 'type-graphql';
import { longestHorizonDays } from '../../ml/features/horizon-limits.js';

@InputType()
export class StartComparisonInput {
  @Field(() => ID, { description: 'Model a: the one that is judged, e.g. a candidate.' })
  modelId: string;

  @Field(() => ID, { nullable: true, description: 'Model b. Default: the active model.' })
  againstId?: string | null;

  @Field(() => Date, {
    nullable: true,
    description:
      'Default: the held-out customers of the newest closed window of the snapshot with the later as-of date; needed if the snapshots of both are gone. Goes with horizonDays.',
  })
  asOf?: Date | null;

  @Field(() => Int, { nullable: true, description: 'Goes with asOf; it must be over in the data.' })
  @Min(1)
  @Max(longestHorizonDays)
  horizonDays?: number | null;
}
