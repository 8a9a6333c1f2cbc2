import { Field, ObjectType } from 'type-graphql';
import { connectionOf } from '../connection.js';
import { JsonObjectScalar } from '../scalars/json-object.scalar.js';
import { NodeType } from '../node.type.js';

@ObjectType('AuditEntry', { implements: NodeType, description: 'Who changed what, when.' })
export class AuditEntryType extends NodeType {
  @Field({ simple: true })
  at: Date;

  @Field({ simple: true, description: 'The operation, e.g. `promoteModel`.' })
  action: string;

  @Field(() => String, { simple: true, nullable: true, description: 'Id of what was changed.' })
  target: string | null;

  @Field(() => JsonObjectScalar, {
    simple: true,
    description:
      'Arguments (lists by their length; none if the role did not suffice) and outcome; for batches and erasures also `counts`.',
  })
  details: Record<string, unknown>;
}

export const AuditEntryConnection = connectionOf('AuditEntry', AuditEntryType);
