import { Field, InputType } from 'type-graphql';
import type { ApiRole } from '../../entities/index.js';
import { ApiRoleEnum } from './api-role.enum.js';
import { IsName } from '../is-name.js';
import { IsStorable } from '../is-storable.js';

@InputType()
export class CreateApiKeyInput {
  @Field({ description: 'For people: who or what uses the key. 1 to 200 characters.' })
  @IsName(200)
  @IsStorable()
  name: string;

  @Field(() => ApiRoleEnum)
  role: ApiRole;
}
