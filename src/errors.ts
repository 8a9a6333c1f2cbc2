/** The codes of all expected failures. The API shows them as `extensions.code`, the CLI as the first word of the message. */
export const errorCodes = [
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'BAD_USER_INPUT',
  'NOT_FOUND',
  'CONFLICT',
  'CONFIG_INVALID',
  'DATABASE_UNAVAILABLE',
  'DATABASE_UNSUPPORTED',
  'IMPORT_INVALID',
  'SNAPSHOT_EMPTY',
  'INSUFFICIENT_DATA',
  'CHECKPOINT_INVALID',
  'HUB_UNAVAILABLE',
  'MODEL_NOT_READY',
  'ENGINE_UNAVAILABLE',
  'RUN_CANCELLED',
  'QUERY_TOO_COMPLEX',
  'RATE_LIMITED',
  'INTERNAL',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** A failure that the caller can understand and mend. The message says what is wrong, where, and how to mend it. */
export class ClvError extends Error {
  override readonly name = 'ClvError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions & { details?: Record<string, unknown> },
  ) {
    super(message, options);
    this.details = options?.details ?? {};
  }

  readonly details: Record<string, unknown>;
}

/** The message of an unexpected failure. */
export function reasonOf(cause: unknown): string {
  // Node's failure to connect to any address of a name: it has no message of its own.
  if (cause instanceof AggregateError && cause.message === '') return cause.errors.map(reasonOf).join(', ');
  return cause instanceof Error ? cause.message : String(cause);
}
