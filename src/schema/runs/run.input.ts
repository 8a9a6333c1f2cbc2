import { ArgsType, Field, InputType } from 'type-graphql';
import type { RunKind, RunState } from '../../entities/index.js';
import { PageArgs } from '../connection.js';
import { RunKindEnum, RunStateEnum } from './run.enum.js';

@InputType({ description: 'Only runs that match everything that is given.' })
class RunFilterInput {
  @Field(() => RunKindEnum, { nullable: true })
  kind?: RunKind | null;

  @Field(() => RunStateEnum, { nullable: true })
  state?: RunState | null;
}

@ArgsType()
export class RunsArgs extends PageArgs {
  @Field(() => RunFilterInput, { nullable: true })
  filter?: RunFilterInput | null;
}
