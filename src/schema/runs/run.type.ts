import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { RunError, RunKind, RunState } from '../../entities/index.js';
import { connectionOf } from '../connection.js';
import { ErrorCodeEnum } from '../error-code.enum.js';
import { NodeType } from '../node.type.js';
import { RunKindEnum, RunStateEnum } from './run.enum.js';

@ObjectType('RunError', { description: 'Why a run failed.' })
class RunErrorType implements RunError {
  @Field(() => ErrorCodeEnum, { simple: true })
  code: string;

  @Field({ simple: true })
  message: string;
}

@ObjectType('Run', {
  implements: NodeType,
  description: "A job's record: what was asked, how far it is, how it ended.",
})
export class RunType extends NodeType {
  @Field(() => RunKindEnum, { simple: true })
  kind: RunKind;

  @Field(() => RunStateEnum, { simple: true })
  state: RunState;

  @Field({
    simple: true,
    description:
      'What is being done, for people; for a run that failed or was cancelled, what was being done then. Empty for a completed one.',
  })
  phase: string;

  @Field(() => Float, { simple: true, description: 'Share that is done, 0 to 1.' })
  progress: number;

  @Field(() => Int, { simple: true })
  attempts: number;

  @Field(() => RunErrorType, { simple: true, nullable: true })
  error: RunError | null;

  @Field({ simple: true })
  createdAt: Date;

  @Field(() => Date, { simple: true, nullable: true })
  startedAt: Date | null;

  @Field(() => Date, { simple: true, nullable: true })
  settledAt: Date | null;

  @Field(() => Date, { simple: true, nullable: true, description: 'When the run was asked to stop.' })
  cancelRequestedAt: Date | null;
}

export const RunConnection = connectionOf('Run', RunType);
