import { createUnionType } from 'type-graphql';
import {
  ConflictErrorType,
  InsufficientDataErrorType,
  ModelNotReadyErrorType,
  NotFoundErrorType,
  memberOf,
  type ErrorResultCode,
} from '../error-result.type.js';
import { RunType } from './run.type.js';

/** Codes of the failures that are members of `StartRunResult`. */
export const startRunErrors = [
  'NOT_FOUND',
  'CONFLICT',
  'INSUFFICIENT_DATA',
  'MODEL_NOT_READY',
] as const satisfies ErrorResultCode[];

export const StartRunResultUnion = createUnionType({
  name: 'StartRunResult',
  description: 'The run that was started, or why none was.',
  types: () =>
    [RunType, NotFoundErrorType, ConflictErrorType, InsufficientDataErrorType, ModelNotReadyErrorType] as const,
  resolveType: memberOf('Run'),
});
