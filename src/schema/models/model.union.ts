import { createUnionType } from 'type-graphql';
import {
  ConflictErrorType,
  type ErrorResultCode,
  memberOf,
  ModelNotReadyErrorType,
  NotFoundErrorType,
} from '../error-result.type.js';
import { ModelVersionType } from './model.type.js';
import { SnapshotType } from '../runs/snapshot.type.js';

/** Codes of the failures that are members of `ActivateModelResult`. */
export const activateModelErrors = ['NOT_FOUND', 'MODEL_NOT_READY'] as const satisfies ErrorResultCode[];

export const ActivateModelResultUnion = createUnionType({
  name: 'ActivateModelResult',
  description: 'The model that is active now, or why it is not.',
  types: () => [ModelVersionType, NotFoundErrorType, ModelNotReadyErrorType] as const,
  resolveType: memberOf('ModelVersion'),
});

/** Codes of the failures that are members of `DeleteModelResult` and `DeleteSnapshotResult`. */
export const deletionErrors = ['NOT_FOUND', 'CONFLICT'] as const satisfies ErrorResultCode[];

export const DeleteModelResultUnion = createUnionType({
  name: 'DeleteModelResult',
  description: 'The model as it was, or why it stays; a CONFLICT where it serves, or a run works on it.',
  types: () => [ModelVersionType, NotFoundErrorType, ConflictErrorType] as const,
  resolveType: memberOf('ModelVersion'),
});

export const DeleteSnapshotResultUnion = createUnionType({
  name: 'DeleteSnapshotResult',
  description: 'The snapshot as it was, or why it stays; a CONFLICT where the serving model or a run needs it.',
  types: () => [SnapshotType, NotFoundErrorType, ConflictErrorType] as const,
  resolveType: memberOf('Snapshot'),
});
