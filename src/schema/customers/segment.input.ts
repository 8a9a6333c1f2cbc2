import { Max, MaxLength, Min } from 'class-validator';
import { ArgsType, Field, InputType, Int } from 'type-graphql';
import {
  largestStoredFilter,
  type NewSegment,
  type SegmentChanges,
} from '../../services/customers/segments.service.js';
import { grouped } from '../../text.js';
import { CustomerFilterInput } from './customer-filter.input.js';
import { IsName } from '../is-name.js';
import { IsStorable } from '../is-storable.js';

const longest = `At most ${grouped(largestStoredFilter)} characters as JSON.`;

@InputType()
export class CreateSegmentInput implements NewSegment {
  @Field({ description: 'No two segments have the same. 1 to 100 characters.' })
  @IsName(100)
  @IsStorable()
  name: string;

  @Field(() => String, { nullable: true, description: 'At most 1,000 characters.' })
  @MaxLength(1_000)
  @IsStorable()
  description?: string | null;

  @Field(() => CustomerFilterInput, { description: longest })
  filter: CustomerFilterInput;
}

@InputType({ description: 'A field that is left out keeps its value.' })
export class UpdateSegmentInput implements SegmentChanges {
  @Field(() => String, { nullable: true, description: 'No two segments have the same. 1 to 100 characters.' })
  @IsName(100)
  @IsStorable()
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'Null clears it. At most 1,000 characters.' })
  @MaxLength(1_000)
  @IsStorable()
  description?: string | null;

  @Field(() => CustomerFilterInput, { nullable: true, description: longest })
  filter?: CustomerFilterInput | null;
}

@ArgsType()
export class SampleArgs {
  @Field(() => Int, { defaultValue: 10, description: 'Customers at most, 1 to 50.' })
  @Min(1)
  @Max(50)
  first: number;
}
