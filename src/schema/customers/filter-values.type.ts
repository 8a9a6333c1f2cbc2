import { Max, Min } from 'class-validator';
import { GraphQLJSON } from 'graphql-scalars';
import { ArgsType, Field, Int, ObjectType } from 'type-graphql';
import {
  type FilterAttribute,
  type FilterValue,
  type FilterValueCounts,
  mostValues,
} from '../../services/customers/filters/filter-value-counts.js';

@ArgsType()
export class TopArgs {
  @Field(() => Int, { defaultValue: 20, description: `Values at most, 1 to ${mostValues}.` })
  @Min(1)
  @Max(mostValues)
  first: number;
}

@ObjectType('FilterValue')
export class FilterValueType implements FilterValue {
  @Field(() => GraphQLJSON, { simple: true, description: 'As the filter takes it.' })
  value: unknown;

  @Field(() => Int, { simple: true, description: 'Customers who match a filter with this value alone.' })
  customers: number;
}

@ObjectType('FilterValueCounts')
export class FilterValueCountsType implements Omit<FilterValueCounts, 'values'> {
  @Field(() => Int, { simple: true, description: 'How many different values there are.' })
  distinct: number;

  @Field({ simple: true, description: 'A count is kept for 99 times as long as it took, in each API process.' })
  countedAt: Date;
}

@ObjectType('FilterAttribute')
export class FilterAttributeType implements FilterAttribute {
  @Field({ simple: true })
  name: string;

  @Field(() => FilterValueCountsType, { simple: true })
  counts: FilterValueCountsType & FilterValueCounts;
}

@ObjectType('FilterValues', {
  description:
    'Values for the conditions of a `CustomerFilterInput` by their names there, with the number of customers of each. ' +
    'Conditions on numbers, instants, ids and parts of names have none; the values of `eventCounts.type` are those of its enum, ' +
    'and those of `campaign.name` the names of `campaigns`. ' +
    'Texts of more than 200 characters, which no filter takes, are left out.',
})
export class FilterValuesType {}
