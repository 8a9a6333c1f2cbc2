import { createUnionType } from 'type-graphql';
import { ModelNotReadyErrorType, NotFoundErrorType, memberOf, type ErrorResultCode } from './error-result.type.js';
import { ModelVersionType } from './model.type.js';

/** Codes of the failures that are members of `ActivateModelResult`. */
export const activateModelErrors = ['NOT_FOUND', 'MODEL_NOT_READY'] as const satisfies ErrorResultCode[];

export const ActivateModelResultUnion = createUnionType({
  name: 'ActivateModelResult',
  description: 'The model that serves now, or why it does not.',
  types: () => [ModelVersionType, NotFoundErrorType, ModelNotReadyErrorType] as const,
  resolveType: memberOf('ModelVersion'),
});
