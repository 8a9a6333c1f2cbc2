import { Max, Min } from 'class-validator';
import { ArgsType, Field, Float, Int, ObjectType } from 'type-graphql';
import type { ClvTier } from '../../entities/index.js';
import type { ClvBasis } from '../../services/predictions/customer-clv.js';
import type { TotalInterval } from '../../services/totals/total-spend.js';
import { ClvBasisEnum, ClvTierEnum } from './clv.enum.js';
import { longestHorizonDays } from '../../ml/features/horizon-limits.js';
import { money } from '../number-fields.js';

@ArgsType()
export class ClvArgs {
  @Field(() => Int, {
    nullable: true,
    description: `Days from the as-of date on, 1 to ${longestHorizonDays}. Default: CLVGRAPH_HORIZON_DAYS, 365 where it is not set.`,
  })
  @Min(1)
  @Max(longestHorizonDays)
  horizonDays?: number | null;
}

@ArgsType()
export class IntervalArgs {
  @Field(() => Float, { defaultValue: 0.8, description: 'Probability inside the interval, 0.01 to 0.99.' })
  @Min(0.01)
  @Max(0.99)
  level: number;
}

@ObjectType('TotalInterval', {
  description:
    'Where the net spend of customers together will lie: as likely below the interval as above it. From their own predictive ' +
    "distributions, taken as independent, and from an error of the model's level, which moves all of them together.",
})
export class TotalIntervalType implements TotalInterval {
  @Field(() => Float, { simple: true })
  level: number;

  @money()
  lower: number;

  @money()
  upper: number;
}

@ObjectType('ClvInterval', {
  description:
    'Central interval: the spend is as likely to lie below it as above it. Where no purchase at all is likelier than that, it ' +
    'begins at 0 and ends at the quantile of the level, so that its probability is still `level`.',
})
export class ClvIntervalType {
  @Field(() => Float, { simple: true, description: '0 where no purchase at all is that probable.' })
  lower: number;

  @Field(() => Float, { simple: true })
  upper: number;

  @Field(() => Float, { simple: true })
  level: number;
}

@ObjectType('Clv', {
  description:
    'What a customer is worth: net spend, in `currency`, as floating-point numbers. That is what was bought less what was ' +
    'returned; for orders with lines, without postage, fees and whatever else is not merchandise. There is always an answer, ' +
    'with or without a model; `basis` says what it rests on, `basisReason` why not on a model.',
})
export class ClvType {
  @money(
    'Expected net spend in the horizon. It is a mean, and may lie above `interval` where a purchase is improbable, or few large orders ' +
      'make it.',
  )
  predicted: number;

  @Field(() => Float, {
    simple: true,
    description:
      'Probability of at least one purchase in the horizon. Models learn it from who spent more than they returned.',
  })
  purchaseProbability: number;

  @Field(() => Float, { simple: true, description: '1 - `purchaseProbability`.' })
  churnProbability: number;

  @Field(() => Float, {
    simple: true,
    description:
      'Expected purchases in the horizon; orders of one day are one. Times `averageOrderValue` they need not make `predicted`, which ' +
      'alone a model corrects to the level that it believes.',
  })
  predictedOrders: number;

  @Field(() => Float, {
    simple: true,
    nullable: true,
    description:
      'Of the other customers who have a prediction, the share whose prediction is lower, 0 to 100. Null until all have been scored for this horizon.',
  })
  percentile: number | null;

  @Field(() => ClvTierEnum, { simple: true, nullable: true, description: 'Follows from `percentile`.' })
  tier: ClvTier | null;

  @Field(() => ClvBasisEnum, { simple: true })
  basis: ClvBasis;

  @Field({ simple: true, description: "Nothing dated on this instant's day in UTC or later was looked at." })
  asOf: Date;

  @Field(() => Int, { simple: true })
  horizonDays: number;

  @Field({
    simple: true,
    description:
      'When the prediction was computed: what it rests on has not changed since. For basis NONE the time of the answer.',
  })
  computedAt: Date;

  @Field({
    simple: true,
    description:
      'ISO 4217: the most frequent one of the 10,000 orders of customers stored last, CLVGRAPH_CURRENCY if there are none. ' +
      'Amounts in other currencies are added without conversion.',
  })
  currency: string;
}
