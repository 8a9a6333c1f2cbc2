import { Max, Min } from 'class-validator';
import { ArgsType, Field, Int } from 'type-graphql';
import type { ModelState } from '../../entities/index.js';
import { PageArgs } from '../connection.js';
import { ModelStateEnum } from './model.enum.js';

@ArgsType()
export class ModelsArgs extends PageArgs {
  @Field(() => ModelStateEnum, { nullable: true, description: 'Only models in this state.' })
  state?: ModelState | null;
}

@ArgsType()
export class DriftReportsArgs {
  @Field(() => Int, { description: '1 to 100.' })
  @Min(1)
  @Max(100)
  first: number = 10;
}
