import { databaseFailure } from '../../database/database-failure.js';
import { ClvError, type ErrorCode } from '../../errors.js';
import type { Inference } from './inference.js';

/** What the process is asked for: `Inference` without its end, which is the channel's. */
export type Operations = Pick<Inference, 'score' | 'explain' | 'engine'>;
export type OperationName = keyof Operations;

export interface InferenceRequest<Name extends OperationName = OperationName> {
  readonly id: number;
  readonly operation: Name;
  readonly args: Parameters<Operations[Name]>;
}

export type InferenceReply =
  { readonly id: number; readonly value: unknown } | { readonly id: number; readonly failure: Failure };

/** An error as it crosses: a class would not. `code` is null for unexpected ones. */
export interface Failure {
  readonly code: ErrorCode | null;
  readonly message: string;
  readonly details: Record<string, unknown>;
  readonly stack: string | undefined;
}

export function failureOf(cause: unknown): Failure {
  // What Postgres failed by is told by codes that do not cross.
  const error = databaseFailure(cause) ?? cause;
  if (error instanceof ClvError) {
    return { code: error.code, message: error.message, details: error.details, stack: error.stack };
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { code: null, message, details: {}, stack };
}

/** The error again, with the stack of where it came from. */
export function errorOf({ code, message, details, stack }: Failure): Error {
  const error = code === null ? new Error(message) : new ClvError(code, message, { details });
  if (stack !== undefined) error.stack = stack;
  return error;
}
