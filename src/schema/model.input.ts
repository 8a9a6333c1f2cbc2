import { ArgsType, Field } from 'type-graphql';
import type { ModelState } from '../entities/index.js';
import { PageArgs } from './connection.js';
import { ModelStateEnum } from './model.enum.js';

@ArgsType()
export class ModelsArgs extends PageArgs {
  @Field(() => ModelStateEnum, { nullable: true, description: 'Only models in this state.' })
  state?: ModelState | null;
}
