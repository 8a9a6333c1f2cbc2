import { ClvError } from '../errors.js';
import { globalIdText } from '../global-id-text.js';
import { identity, uuid } from '../id-forms.js';
import { isJsonObject } from '../json-object.js';

/** The types behind `Node`, each with the form of its ids in the database. */
const idForms = {
  ApiKey: identity,
  AuditEntry: identity,
  Campaign: identity,
  Customer: identity,
  ModelVersion: identity,
  Run: uuid,
  Segment: identity,
  Snapshot: identity,
} as const;

export type NodeTypeName = keyof typeof idForms;

export function globalId(type: NodeTypeName, id: string): string {
  return globalIdText(type, id);
}

/** @throws ClvError BAD_USER_INPUT where the text is no global id */
export function parseGlobalId(text: string): { type: NodeTypeName; id: string } {
  const [type = '', id = ''] = Buffer.from(text, 'base64url').toString('utf8').split(':');
  if (isNodeTypeName(type) && idForms[type].test(id)) return { type, id };
  throw new ClvError('BAD_USER_INPUT', `"${text.slice(0, 80)}" is not an id of this API. Take ids from its answers.`);
}

/** The id in the database of a global id that must be of one type. */
export function localId(type: NodeTypeName, text: string): string {
  const parsed = parseGlobalId(text);
  if (parsed.type === type) return parsed.id;
  throw new ClvError(
    'BAD_USER_INPUT',
    `"${text}" is the id of ${withArticle(parsed.type)}, not of ${withArticle(type)}.`,
  );
}

const withArticle = (type: NodeTypeName): string => `${type.startsWith('A') ? 'an' : 'a'} ${type}`;

/** Null and undefined stand for "not given". */
export function optionalLocalId(type: NodeTypeName, text: string | null | undefined): string | undefined {
  return text === null || text === undefined ? undefined : localId(type, text);
}

/** Keys of stored JSON that hold ids of other records. */
const referenceKeys: Readonly<Record<string, NodeTypeName>> = {
  modelId: 'ModelVersion',
  againstId: 'ModelVersion',
  snapshotId: 'Snapshot',
  runId: 'Run',
};

/** Stored JSON, such as a run's input, as callers see it: with the ids that they can pass on. */
export function withGlobalIds(json: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => {
      const type = referenceKeys[key];
      return [key, type && typeof value === 'string' ? globalId(type, value) : withGlobalIdsWithin(value)];
    }),
  );
}

function withGlobalIdsWithin(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withGlobalIdsWithin);
  return isJsonObject(value) ? withGlobalIds(value) : value;
}

export function isNodeTypeName(type: string): type is NodeTypeName {
  return Object.hasOwn(idForms, type);
}
