import { IsPositive, Max, Min } from 'class-validator';
import { Field, Float, InputType, Int } from 'type-graphql';
import { retrainLimits } from '../../services/retraining/retrain-conditions.js';

@InputType({
  description: 'A retrain is due if any given condition holds, or if no model is active. At least one must be given.',
})
export class RetrainConditionsInput {
  @Field(() => Float, {
    nullable: true,
    description:
      `Drift score of the active model on today's customers, above 0, up to ${retrainLimits.driftAbove}, e.g. 0.25; measured when ` +
      'the schedule comes due. Where it cannot be measured, a retrain is due.',
  })
  @IsPositive()
  @Max(retrainLimits.driftAbove)
  driftAbove?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: `Days since the active model's snapshot, up to today's as-of date; 1 to ${retrainLimits.olderThanDays}.`,
  })
  @Min(1)
  @Max(retrainLimits.olderThanDays)
  olderThanDays?: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      "How far the sum of the active model's newest forecast whose horizon is over was off, up or down, beyond chance: " +
      `above 0, up to ${retrainLimits.realisedBiasAbove}; 0.3 for 30 %.`,
  })
  @IsPositive()
  @Max(retrainLimits.realisedBiasAbove)
  realisedBiasAbove?: number | null;
}
