import { Field, ObjectType } from 'type-graphql';
import type { ApiRole } from '../../entities/index.js';
import { ApiRoleEnum } from './api-role.enum.js';
import { NodeType } from '../node.type.js';

@ObjectType('ApiKey', { implements: NodeType, description: "A caller's credential." })
export class ApiKeyType extends NodeType {
  @Field({ simple: true })
  name: string;

  @Field(() => ApiRoleEnum, { simple: true })
  role: ApiRole;

  @Field({ simple: true, description: 'The first characters, to recognise the key by.' })
  prefix: string;

  @Field({ simple: true })
  createdAt: Date;

  @Field(() => Date, { simple: true, nullable: true })
  revokedAt: Date | null;

  @Field(() => Date, {
    simple: true,
    nullable: true,
    description: 'When a request last used it, or up to an hour before that. Null for never.',
  })
  lastUsedAt: Date | null;
}

@ObjectType('CreatedApiKey')
export class CreatedApiKeyType {
  @Field({ simple: true, description: 'The key itself. It cannot be shown again.' })
  key: string;

  @Field(() => ApiKeyType, { simple: true })
  apiKey: ApiKeyType;
}
