import { ArgsType, Field, ID, InputType } from 'type-graphql';
import type {
  CustomerOrder,
  CustomerOrderField,
  SortDirection,
} from '../../services/customers/lists/customer-list-order.js';
import type { PersonSearch } from '../../services/customers/customer-filter.types.js';
import { PageArgs } from '../connection.js';
import { CustomerOrderFieldEnum, SortDirectionEnum } from './customer.enum.js';
import { CustomerFilterInput } from './customer-filter.input.js';

@ArgsType()
export class CustomerArgs {
  @Field(() => ID, { nullable: true })
  id?: string | null;

  @Field(() => String, { nullable: true, description: "The shop's own id, instead of `id`." })
  externalId?: string | null;

  @Field(() => String, {
    defaultValue: 'default',
    description: 'The system that the external id belongs to; no other is looked in.',
  })
  source: string;
}

@InputType({
  description:
    'Ties are broken by age, so that pages never overlap. Values that order a list are those of the last scoring: a ' +
    'customer whose facts changed since then keeps its place until the next one, though `clv` has the new value.',
})
class CustomerOrderByInput implements CustomerOrder {
  @Field(() => CustomerOrderFieldEnum)
  field: CustomerOrderField;

  @Field(() => SortDirectionEnum, { defaultValue: 'DESC' })
  direction: SortDirection;
}

@ArgsType()
export class CustomerListArgs extends PageArgs {
  @Field(() => CustomerOrderByInput, { nullable: true })
  orderBy?: CustomerOrderByInput | null;
}

@ArgsType()
export class CustomersArgs extends CustomerListArgs {
  @Field(() => CustomerFilterInput, { nullable: true, description: 'Lists only customers who match.' })
  filter?: CustomerFilterInput | null;
}

@ArgsType()
export class CustomersByPersonalDataArgs extends CustomersArgs implements PersonSearch {
  @Field(() => String, { nullable: true, description: 'The whole address, in upper or lower case.' })
  email?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The whole number. Only its digits count, without `(0)` and leading zeros: with the country code if it was ' +
      'recorded with it.',
  })
  phone?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The whole name as recorded, in upper or lower case, with or without accents.',
  })
  name?: string | null;
}
