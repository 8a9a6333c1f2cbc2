import { readFileSync } from 'node:fs';
import {
  buildSchema,
  getNamedType,
  getNullableType,
  type GraphQLField,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  print,
  astFromValue,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { type ApiRole, apiRoles } from '../../../src/entities/index.js';
import { globalId, isNodeTypeName, type NodeTypeName } from '../../../src/schema/global-id.js';
import { type GraphqlAnswer, useTestServer } from '../support/test-server.js';

/** Who may do what, written down apart from the code that says so: whoever changes it there has to change it here. */
const leastRoles: Record<string, ApiRole> = {
  'query activeModel': 'VIEWER',
  'query apiKeys': 'ADMIN',
  'query auditLog': 'ADMIN',
  'query campaign': 'VIEWER',
  'query campaignPlan': 'VIEWER',
  'query campaigns': 'VIEWER',
  'query customer': 'VIEWER',
  'query customers': 'VIEWER',
  'query customersByPersonalData': 'MARKETER',
  'query engine': 'VIEWER',
  'query filterValues': 'VIEWER',
  'query me': 'VIEWER',
  'query model': 'VIEWER',
  'query modelComparison': 'VIEWER',
  'query models': 'VIEWER',
  'query node': 'VIEWER',
  'query portfolio': 'VIEWER',
  'query previewSegment': 'VIEWER',
  'query retrainSchedule': 'ADMIN',
  'query run': 'ADMIN',
  'query runs': 'ADMIN',
  'query segment': 'VIEWER',
  'query segments': 'VIEWER',
  'query snapshot': 'ADMIN',
  'query snapshots': 'ADMIN',
  'mutation cancelRun': 'ADMIN',
  'mutation createApiKey': 'ADMIN',
  'mutation createSegment': 'MARKETER',
  'mutation deleteCampaign': 'MARKETER',
  'mutation deleteEvents': 'MARKETER',
  'mutation deleteModel': 'ADMIN',
  'mutation deleteOrders': 'MARKETER',
  'mutation deleteSegment': 'MARKETER',
  'mutation deleteSnapshot': 'ADMIN',
  'mutation eraseCustomers': 'ADMIN',
  'mutation promoteModel': 'ADMIN',
  'mutation recordEvents': 'MARKETER',
  'mutation revokeApiKey': 'ADMIN',
  'mutation rollbackModel': 'ADMIN',
  'mutation scheduleRetrain': 'ADMIN',
  'mutation startCampaign': 'MARKETER',
  'mutation startComparison': 'ADMIN',
  'mutation startEvaluation': 'ADMIN',
  'mutation startFineTune': 'ADMIN',
  'mutation startPreprocessing': 'ADMIN',
  'mutation startRetrain': 'ADMIN',
  'mutation startScoring': 'ADMIN',
  'mutation unscheduleRetrain': 'ADMIN',
  'mutation updateSegment': 'MARKETER',
  'mutation upsertCustomers': 'MARKETER',
  'mutation upsertOrders': 'MARKETER',
  'mutation upsertProducts': 'MARKETER',
  'subscription runProgress': 'ADMIN',
};

const leastRolesOfNodes: Record<NodeTypeName, ApiRole> = {
  ApiKey: 'ADMIN',
  AuditEntry: 'ADMIN',
  Campaign: 'VIEWER',
  Customer: 'VIEWER',
  ModelVersion: 'VIEWER',
  Run: 'ADMIN',
  Segment: 'VIEWER',
  Snapshot: 'ADMIN',
};

const schema = buildSchema(readFileSync('src/schema/schema.graphql', 'utf8'));
const roots = {
  query: schema.getQueryType(),
  mutation: schema.getMutationType(),
  subscription: schema.getSubscriptionType(),
};
const operations = Object.entries(roots).flatMap(([kind, type]) =>
  Object.values(type?.getFields() ?? {}).map((field) => [`${kind} ${field.name}`, field] as const),
);

const leaves: Record<string, unknown> = {
  Int: 1,
  Float: 1,
  Boolean: true,
  DateTime: '2026-01-01T00:00:00.000Z',
  Date: '2026-01-01',
  Decimal: '1',
  JSON: {},
  JSONObject: {},
};

/** The least that the type takes. */
function valueOf(type: GraphQLInputType): unknown {
  const given = getNullableType(type);
  if (isListType(given)) return [valueOf(given.ofType)];
  if (isInputObjectType(given)) {
    const required = Object.values(given.getFields()).filter((field) => isNonNullType(field.type));
    return Object.fromEntries(required.map((field) => [field.name, valueOf(field.type)]));
  }
  if (isEnumType(given)) return given.getValues()[0]!.value;
  return leaves[given.name] ?? 'x';
}

/** The operation with what it must be given, asking for as little as can be. */
function documentOf(operation: string, field: GraphQLField<unknown, unknown>): string {
  const required = field.args.filter(({ type }) => isNonNullType(type));
  const given = required.map(({ name, type }) => `${name}: ${print(astFromValue(valueOf(type), type)!)}`);
  const [kind] = operation.split(' ');
  const inner = isLeafType(getNamedType(field.type)) ? '' : '{ __typename }';
  return `${kind} { ${field.name}${given.length > 0 ? `(${given.join(', ')})` : ''} ${inner} }`;
}

describe('what each role may do', () => {
  const server = useTestServer();

  async function refusalOf(operation: string, document: string, as: ApiRole | null): Promise<string | undefined> {
    const answer = operation.startsWith('subscription')
      ? await streamed(document, as)
      : await server.ask(document, { as });
    const code = answer.errors?.[0]?.extensions.code;
    return code === 'UNAUTHENTICATED' || code === 'FORBIDDEN' ? code : undefined;
  }

  async function streamed(query: string, as: ApiRole | null): Promise<GraphqlAnswer<unknown>> {
    const headers = { 'content-type': 'application/json', accept: 'text/event-stream' };
    const response = await server.fetch('/graphql/stream', {
      method: 'POST',
      headers: as ? { ...headers, 'x-api-key': server.keys[as] } : headers,
      body: JSON.stringify({ query }),
    });
    const data = /^data: (\{.*\})$/m.exec(await response.text())?.[1];
    return JSON.parse(data ?? '{}') as GraphqlAnswer<unknown>;
  }

  const expected = (least: ApiRole, as: ApiRole | null) => {
    if (as === null) return 'UNAUTHENTICATED';
    return apiRoles.indexOf(as) < apiRoles.indexOf(least) ? 'FORBIDDEN' : undefined;
  };

  it('is written down for every operation of the schema', () => {
    expect(operations.map(([name]) => name).toSorted()).toEqual(Object.keys(leastRoles).toSorted());
  });

  it.each(operations)('%s', async (operation, field) => {
    const document = documentOf(operation, field);
    for (const as of [null, ...apiRoles]) {
      expect([as, await refusalOf(operation, document, as)]).toEqual([as, expected(leastRoles[operation]!, as)]);
    }
  });

  it.each(Object.keys(leastRolesOfNodes).filter(isNodeTypeName))('with the id of a %s', async (type) => {
    const id = globalId(type, type === 'Run' ? '00000000-0000-4000-8000-000000000000' : '1');
    for (const as of [null, ...apiRoles]) {
      const refusal = await refusalOf('query node', `{ node(id: "${id}") { id } }`, as);
      expect([as, refusal]).toEqual([as, expected(leastRolesOfNodes[type], as)]);
    }
  });
});
