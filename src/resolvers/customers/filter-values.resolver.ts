import { Args, Ctx, Extensions, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import {
  FilterAttributeType,
  FilterValueCountsType,
  FilterValuesType,
  FilterValueType,
  TopArgs,
} from '../../schema/customers/filter-values.type.js';
import {
  type FilterAttribute,
  type FilterValue,
  type FilterValueCounts,
  mostAttributes,
} from '../../services/customers/filters/filter-value-counts.js';
import { Allow } from '../authorization.js';
import type { RequestContext } from '../context.js';

@Resolver(() => FilterValuesType)
export class FilterValuesResolver {
  @Allow('VIEWER')
  @Query(() => FilterValuesType, { description: 'What the pickers of a filter can offer.' })
  filterValues(): FilterValuesType {
    return new FilterValuesType();
  }

  @FieldResolver(() => FilterValueCountsType)
  country(@Ctx() { services }: RequestContext): Promise<FilterValueCounts> {
    return services.filterValues.of('country');
  }

  @FieldResolver(() => FilterValueCountsType)
  source(@Ctx() { services }: RequestContext): Promise<FilterValueCounts> {
    return services.filterValues.of('source');
  }

  @FieldResolver(() => FilterValueCountsType, {
    description: 'Every category of a product, including those that nobody bought.',
  })
  boughtCategory(@Ctx() { services }: RequestContext): Promise<FilterValueCounts> {
    return services.filterValues.of('boughtCategory');
  }

  @FieldResolver(() => FilterValueCountsType, {
    nullable: true,
    description: "Of the active model's last scoring of all customers; null before it.",
  })
  tier(@Ctx() { services }: RequestContext): Promise<FilterValueCounts | null> {
    return services.filterValues.tiers();
  }

  @Extensions({ items: mostAttributes })
  @FieldResolver(() => [FilterAttributeType], {
    description: `The attributes that most customers have, at most ${mostAttributes}.`,
  })
  attributes(@Ctx() { services }: RequestContext): Promise<readonly FilterAttribute[]> {
    return services.filterValues.attributes();
  }
}

@Resolver(() => FilterValueCountsType)
export class FilterValueCountsResolver {
  @FieldResolver(() => [FilterValueType], { description: 'Most customers first.' })
  top(@Root() { values }: FilterValueCounts, @Args(() => TopArgs) { first }: TopArgs): readonly FilterValue[] {
    return values.slice(0, first);
  }
}
