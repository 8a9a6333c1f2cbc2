import { databaseFailure } from '../../database/database-failure.js';
import { ClvError, type ErrorCode } from '../../errors.js';
import type { Inference } from './inference.js';

/** The calls that the process answers: `Inference` without `close`, for which the channel is closed. */
export type Operations = Pick<Inference, 'score' | 'explain' | 'engine'>;
export type OperationName = keyof Operations;

export interface InferenceRequest<Name extends OperationName = OperationName> {
  readonly id: number;
  readonly operation: Name;
  readonly args: Parameters<Operations[Name]>;
}

export type InferenceReply =
  { readonly id: number; readonly value: unknown } | { readonly id: number; readonly failure: Failure };

/** An error as a plain object, since its class would be lost in the channel. `code` is null for unexpected ones. */
interface Failure {
  readonly code: ErrorCode | null;
  readonly message: string;
  readonly details: Record<string, unknown>;
  readonly stack: string | undefined;
}

export function failureOf(cause: unknown): Failure {
  // Translated here, since the error codes of Postgres would be lost in the channel.
  const error = databaseFailure(cause) ?? cause;
  if (error instanceof ClvError) {
    return { code: error.code, message: error.message, details: error.details, stack: error.stack };
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { code: null, message, details: {}, stack };
}

/** The error that the failure stands for, with its original stack. */
export function errorOf({ code, message, details, stack }: Failure): Error {
  const error = code === null ? new Error(message) : new ClvError(code, message, { details });
  if (stack !== undefined) error.stack = stack;
  return error;
}
