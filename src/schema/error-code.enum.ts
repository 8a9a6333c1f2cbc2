import { registerEnumType } from 'type-graphql';
import { errorCodes, type ErrorCode } from '../errors.js';
import { enumOf } from './enum-of.js';

const descriptions: Readonly<Record<ErrorCode, string>> = {
  UNAUTHENTICATED: 'No API key was sent, or one that is unknown or revoked.',
  FORBIDDEN: "The API key's role may not do this; for a run: the hub does not provide the pretrained model.",
  BAD_USER_INPUT:
    'Something in the request is wrong; the message, and `extensions.fields` where there is one, say what.',
  NOT_FOUND: 'There is nothing with this id or name.',
  CONFLICT: 'The present state does not allow it, e.g. such a job is already running.',
  CONFIG_INVALID: 'A setting of the server is wrong.',
  DATABASE_UNAVAILABLE:
    'The database does not answer or cannot do it now: try again, unless the message names what to fix, such as a full disk.',
  DATABASE_UNSUPPORTED: 'The database is not one that the server can work with.',
  IMPORT_INVALID: 'The data to import cannot be read. Only commands say so.',
  SNAPSHOT_EMPTY: 'Preprocessing left no customers to learn from.',
  INSUFFICIENT_DATA: 'There is too little history for what was asked.',
  CHECKPOINT_INVALID: 'The pretrained checkpoint is missing, incomplete or of an unknown kind.',
  HUB_UNAVAILABLE: 'The hub that pretrained models are downloaded from does not answer.',
  MODEL_NOT_READY: 'There is no model in the state that this needs.',
  ENGINE_UNAVAILABLE: 'What executes the model cannot be started on this machine.',
  RUN_CANCELLED: 'The run was cancelled. Only commands say so; the API has `RunState` for it.',
  QUERY_TOO_COMPLEX: 'The query is too deep, long or wide, or costs too much.',
  RATE_LIMITED: 'Too many requests: wait for `extensions.retryAfterSeconds`.',
  INTERNAL: 'A defect of the server; its log has the whole story under `extensions.reference`.',
};

export const ErrorCodeEnum = enumOf(errorCodes);

registerEnumType(ErrorCodeEnum, {
  name: 'ErrorCode',
  description: 'Every value of `extensions.code`, `ErrorResult.errorCode` and `RunError.code`.',
  valuesConfig: Object.fromEntries(errorCodes.map((code) => [code, { description: descriptions[code] }])),
});
