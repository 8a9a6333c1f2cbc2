import { ArgumentValidationError } from 'type-graphql';
import { defaultFieldResolver, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql';
import type { ApiRole } from '../entities/index.js';
import { ErrorResultType } from '../schema/error-result.type.js';
import { globalId } from '../schema/global-id.js';
import { nodeTypeOf } from '../schema/node.type.js';
import { type AuditOutcome, usualFailure } from '../services/audit.service.js';
import { counted, shortened } from '../text.js';
import { hasRole } from './authorization.js';
import type { RequestContext } from './context.js';

/** Most characters of a text in an entry: limited, since a call is recorded before its arguments are checked. */
const longestText = 200;
const longestSummary = 10_000;

type Resolve = GraphQLFieldResolver<unknown, RequestContext, Record<string, unknown>>;

/** Wraps every mutation, so that all are logged. Anonymous calls change nothing and get no entry. */
export function auditMutations(schema: GraphQLSchema): void {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    field.resolve = audited(field.name, field.extensions['role'], field.resolve ?? defaultFieldResolver);
  }
}

/** @param role the least that may call it. Arguments of callers with less are not stored: readers could fill the disk with them */
function audited(action: string, role: unknown, resolve: Resolve): Resolve {
  return async (root, args, context, info) => {
    const { actor, services } = context;
    if (!actor) return resolve(root, args, context, info);
    const target = typeof args['id'] === 'string' ? shortened(args['id'], longestText) : null;
    const details = hasRole(actor, role as ApiRole) ? { arguments: summaryOf(args) } : {};
    const change = { actor, action, target, details };
    const work = async (): Promise<unknown> => resolve(root, args, context, info);
    return services.audit.record(change, work, { outcomeOf, failureOf });
  };
}

/** Of lists, which hold data of customers, only the length is kept; of long texts the beginning. */
function withoutLists(value: unknown): unknown {
  if (Array.isArray(value)) return counted(value.length, 'item');
  if (typeof value === 'string') return shortened(value, longestText);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutLists(inner)]));
}

function summaryOf(args: Record<string, unknown>): unknown {
  const summary = withoutLists(args);
  const { length } = JSON.stringify(summary);
  return length > longestSummary ? `${length} characters` : summary;
}

function outcomeOf(result: unknown): AuditOutcome {
  if (result instanceof ErrorResultType) return { outcome: 'REFUSED', errorCode: result.errorCode };
  const candidates = typeof result === 'object' && result !== null ? [result, ...Object.values(result)] : [];
  for (const candidate of candidates) {
    const type = nodeTypeOf(candidate);
    if (type) return { outcome: 'DONE', target: globalId(type, (candidate as { id: string }).id) };
  }
  return { outcome: 'DONE', ...countsOf(result) };
}

/** What an erasure or a batch counts; its lists name customers. */
function countsOf(result: unknown): Pick<AuditOutcome, 'counts'> {
  if (typeof result !== 'object' || result === null) return {};
  const counts = Object.entries(result).filter(([, value]) => typeof value === 'number');
  return counts.length > 0 ? { counts: Object.fromEntries(counts) } : {};
}

function failureOf(error: unknown): AuditOutcome {
  if (error instanceof ArgumentValidationError) return { outcome: 'REFUSED', errorCode: 'BAD_USER_INPUT' };
  return usualFailure(error);
}
