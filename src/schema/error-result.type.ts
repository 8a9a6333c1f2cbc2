import { Field, InterfaceType, ObjectType } from 'type-graphql';
import { ClvError, type ErrorCode } from '../errors.js';
import { ErrorCodeEnum } from './error-code.enum.js';

@InterfaceType('ErrorResult', { description: 'An expected failure that a caller branches on.' })
export abstract class ErrorResultType {
  @Field(() => ErrorCodeEnum, { simple: true })
  errorCode: ErrorCode;

  @Field({ simple: true, description: 'What is wrong and how to fix it.' })
  message: string;
}

@ObjectType('NotFoundError', { implements: ErrorResultType })
export class NotFoundErrorType extends ErrorResultType {}

@ObjectType('ConflictError', { implements: ErrorResultType })
export class ConflictErrorType extends ErrorResultType {}

@ObjectType('InsufficientDataError', { implements: ErrorResultType })
export class InsufficientDataErrorType extends ErrorResultType {}

@ObjectType('ModelNotReadyError', { implements: ErrorResultType })
export class ModelNotReadyErrorType extends ErrorResultType {}

/** The failures that unions may have as members. */
const errorResultTypes = {
  NOT_FOUND: NotFoundErrorType,
  CONFLICT: ConflictErrorType,
  INSUFFICIENT_DATA: InsufficientDataErrorType,
  MODEL_NOT_READY: ModelNotReadyErrorType,
} as const satisfies Partial<Record<ErrorCode, new () => ErrorResultType>>;

export type ErrorResultCode = keyof typeof errorResultTypes;

/** For `resolveType` of a union of one ordinary type and failures. */
export const memberOf =
  (ordinary: string) =>
  (value: object): string =>
    value instanceof ErrorResultType ? value.constructor.name.replace(/Type$/, '') : ordinary;

/** The outcome, or the union member for a failure with one of the codes. Any other failure is thrown on. */
export async function resultOf<T>(
  codes: readonly ErrorResultCode[],
  outcome: Promise<T>,
): Promise<T | ErrorResultType> {
  try {
    return await outcome;
  } catch (error) {
    const code = error instanceof ClvError ? codes.find((code) => code === error.code) : undefined;
    if (code === undefined || !(error instanceof ClvError)) throw error;
    return Object.assign(new errorResultTypes[code](), { errorCode: code, message: error.message });
  }
}
