import { Field, ObjectType } from 'type-graphql';
import type { CustomerFilter } from '../../services/customers/customer-filter.types.js';
import { connectionOf } from '../connection.js';
import { JsonObjectScalar } from '../scalars/json-object.scalar.js';
import { NodeType } from '../node.type.js';

@ObjectType('Segment', {
  implements: NodeType,
  description: 'A named filter. Its members are always those who match now.',
})
export class SegmentType extends NodeType {
  @Field({ simple: true })
  name: string;

  @Field(() => String, { simple: true, nullable: true })
  description: string | null;

  @Field(() => JsonObjectScalar, { simple: true, description: 'A `CustomerFilterInput`.' })
  filter: Record<string, unknown>;

  @Field({ simple: true })
  createdAt: Date;

  @Field({ simple: true })
  updatedAt: Date;
}

export const SegmentConnection = connectionOf('Segment', SegmentType);

@ObjectType('SegmentPreview', { description: 'What a segment with this filter would be now.' })
export class SegmentPreviewType {
  readonly filter: CustomerFilter;
}
