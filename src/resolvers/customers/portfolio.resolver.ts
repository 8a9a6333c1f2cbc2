import { Args, Ctx, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import type { ModelVersion } from '../../entities/index.js';
import { ModelVersionType } from '../../schema/models/model.type.js';
import { IntervalArgs, TotalIntervalType } from '../../schema/customers/clv.type.js';
import { PortfolioArgs, PortfolioType } from '../../schema/customers/portfolio.type.js';
import type { Portfolio } from '../../services/customers/portfolio.service.js';
import type { TotalInterval } from '../../services/totals/total-spend.js';
import { Allow } from '../authorization.js';
import type { RequestContext } from '../context.js';

@Resolver(() => PortfolioType)
export class PortfolioResolver {
  @Allow('VIEWER')
  @Query(() => PortfolioType, {
    nullable: true,
    description:
      "A dashboard's first numbers. Null with the error MODEL_NOT_READY if not all were scored for the horizon.",
    complexity: 1_000,
  })
  portfolio(
    @Args(() => PortfolioArgs) { horizonDays }: PortfolioArgs,
    @Ctx() { services }: RequestContext,
  ): Promise<Portfolio> {
    return services.portfolio.portfolio(horizonDays);
  }

  @FieldResolver(() => TotalIntervalType, {
    nullable: true,
    description: 'Of `totalPredicted`. Null with the error CONFLICT where all customers were scored anew meanwhile.',
    complexity: 1_000,
  })
  totalInterval(
    @Root() portfolio: Portfolio,
    @Args(() => IntervalArgs) { level }: IntervalArgs,
    @Ctx() { services }: RequestContext,
  ): Promise<TotalInterval> {
    return services.portfolio.totalInterval(portfolio, level);
  }

  @FieldResolver(() => String, { description: 'ISO 4217: that of `Clv`.' })
  currency(@Ctx() { services }: RequestContext): Promise<string> {
    return services.currencies.ofPredictions();
  }

  @FieldResolver(() => Date)
  asOf(@Root() { period }: Portfolio): Date {
    return period.asOf;
  }

  @FieldResolver(() => Int)
  horizonDays(@Root() { period }: Portfolio): number {
    return period.horizonDays;
  }

  @FieldResolver(() => ModelVersionType, { nullable: true, description: 'The model that scored.' })
  model(@Root() { period }: Portfolio, @Ctx() { loaders }: RequestContext): Promise<ModelVersion | null> {
    return loaders.modelById.load(period.modelId);
  }
}
