import { Max, Min } from 'class-validator';
import { ArgsType, Field, Float, Int, ObjectType } from 'type-graphql';
import { longestHorizonDays } from '../../ml/features/horizon-limits.js';
import type { ClvTier } from '../../entities/index.js';
import type {
  Concentration,
  Portfolio,
  PortfolioDecile,
  PortfolioTier,
} from '../../services/customers/portfolio.service.js';
import { ClvTierEnum } from './clv.enum.js';
import { money } from '../number-fields.js';

const share = () => Field(() => Float, { simple: true, description: 'Of the predicted value of all, 0 to 1.' });
const count = () => Field(() => Int, { simple: true });

@ArgsType()
export class PortfolioArgs {
  @Field(() => Int, {
    nullable: true,
    description: `Days, 1 to ${longestHorizonDays}. Default: those that lists read. Any other must have been scored as of the same date.`,
  })
  @Min(1)
  @Max(longestHorizonDays)
  horizonDays?: number | null;
}

@ObjectType('PortfolioDecile')
class PortfolioDecileType implements PortfolioDecile {
  @Field(() => Int, { simple: true, description: '1 for the tenth with the highest predictions.' })
  decile: number;

  @count()
  customers: number;

  @money()
  predicted: number;

  @share()
  share: number;

  @money()
  meanPredicted: number;
}

@ObjectType('PortfolioTier')
class PortfolioTierType implements PortfolioTier {
  @Field(() => ClvTierEnum, { simple: true })
  tier: ClvTier;

  @count()
  customers: number;

  @money()
  predicted: number;

  @share()
  share: number;
}

@ObjectType('Concentration', { description: 'How much of the predicted value the best customers have.' })
class ConcentrationType implements Concentration {
  @Field(() => Int, { simple: true })
  topPercent: number;

  @share()
  share: number;
}

@ObjectType('Portfolio', {
  description: "The whole base, as of the active model's last scoring. Money in `currency`.",
})
export class PortfolioType implements Omit<Portfolio, 'period'> {
  @Field(() => Int, { simple: true, description: 'Those with a prediction: who has bought before the as-of date.' })
  customers: number;

  @money('Expected net spend of all in the horizon.')
  totalPredicted: number;

  @money('Net spend of all before the as-of date.')
  totalHistoric: number;

  @Field(() => [PortfolioDecileType], { simple: true })
  deciles: PortfolioDecileType[];

  @Field(() => [PortfolioTierType], {
    simple: true,
    description: 'Of those with a prediction; filters and lists count all others as BRONZE.',
  })
  tiers: PortfolioTierType[];

  @Field(() => [ConcentrationType], { simple: true })
  concentration: ConcentrationType[];

  @Field(() => Float, {
    simple: true,
    description: 'Gini coefficient of the predicted values: 0 where all are worth the same.',
  })
  gini: number;
}
