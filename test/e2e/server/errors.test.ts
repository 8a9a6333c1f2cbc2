import { describe, expect, it } from 'vitest';
import { errorCodes } from '../../../src/errors.js';
import { globalId } from '../../../src/schema/global-id.js';
import { useTestServer } from '../support/test-server.js';

describe('what callers see of a failure', () => {
  const server = useTestServer();

  const codeOf = async (query: string) => (await server.ask(query)).errors?.map(({ extensions }) => extensions.code);

  it('is a code from the enum, which the schema has, too', async () => {
    const { data } = await server.ask<{ errorCode: { enumValues: { name: string }[] } }>(
      '{ errorCode: __type(name: "ErrorCode") { enumValues { name } } }',
    );
    expect(data.errorCode.enumValues.map(({ name }) => name).toSorted()).toEqual([...errorCodes].toSorted());
  });

  it('is BAD_USER_INPUT for what GraphQL itself rejects', async () => {
    expect(await codeOf('{ me { nothing } }')).toEqual(['BAD_USER_INPUT']);
    expect(await codeOf('{ me {')).toEqual(['BAD_USER_INPUT']);
    expect(await codeOf('query($first: Int!) { auditLog(first: $first) { pageInfo { hasNextPage } } }')).toEqual([
      'BAD_USER_INPUT',
    ]);
    expect(await codeOf('{ node(id: "nonsense") { id } }')).toEqual(['BAD_USER_INPUT']);
    expect(await codeOf('{ auditLog(after: "nonsense") { pageInfo { hasNextPage } } }')).toEqual(['BAD_USER_INPUT']);
  });

  it('is QUERY_TOO_COMPLEX for a document that is too long or too deep', async () => {
    expect(await codeOf(`{ ${'me { id } '.repeat(600)} }`)).toEqual(['QUERY_TOO_COMPLEX']);
    expect(await codeOf('{ runs { edges { node { requestedBy { id } } } } }')).toBeUndefined();
    expect(await codeOf(`{ ${Array.from({ length: 31 }, (_, i) => `a${i}: me { id }`).join(' ')} }`)).toEqual([
      'QUERY_TOO_COMPLEX',
    ]);
  });

  it('names each wrong field of an input', async () => {
    const { errors } = await server.ask('mutation { createApiKey(input: { name: "", role: VIEWER }) { key } }');
    expect(errors).toMatchObject([
      {
        message: 'Wrong input: name: must have 1 to 200 characters, without white space at its ends.',
        path: ['createApiKey'],
        extensions: {
          code: 'BAD_USER_INPUT',
          fields: [{ field: 'name', problems: ['must have 1 to 200 characters, without white space at its ends'] }],
        },
      },
    ]);
    const nested = await server.ask(
      'mutation { startPreprocessing(input: { horizonDays: 6, options: { maxTrainingRows: 1 } }) { __typename } }',
    );
    expect(nested.errors?.[0]?.extensions['fields']).toEqual([
      { field: 'horizonDays', problems: ['must not be less than 7'] },
      { field: 'options.maxTrainingRows', problems: ['must not be less than 100'] },
    ]);
    const page = await server.ask('{ auditLog(first: 0) { pageInfo { hasNextPage } } }');
    expect(page.errors?.[0]?.extensions['fields']).toMatchObject([{ field: 'first' }]);
  });

  it('is a union member where callers branch on it', async () => {
    const { data, errors } = await server.ask(`mutation {
      promoteModel(id: "${globalId('ModelVersion', '99')}") {
        __typename
        ... on ErrorResult { errorCode message }
      }
      rollbackModel { __typename ... on ErrorResult { errorCode } }
      startScoring { __typename ... on ErrorResult { errorCode } }
      startFineTune { __typename ... on ErrorResult { errorCode } }
      startPreprocessing { __typename ... on ErrorResult { errorCode } }
    }`);
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      promoteModel: {
        __typename: 'NotFoundError',
        errorCode: 'NOT_FOUND',
        message: `There is no model 99 (${globalId('ModelVersion', '99')}). List the models to see their ids.`,
      },
      rollbackModel: { __typename: 'ModelNotReadyError', errorCode: 'MODEL_NOT_READY' },
      startScoring: { __typename: 'ModelNotReadyError', errorCode: 'MODEL_NOT_READY' },
      startFineTune: { __typename: 'NotFoundError', errorCode: 'NOT_FOUND' },
      startPreprocessing: { __typename: 'InsufficientDataError', errorCode: 'INSUFFICIENT_DATA' },
    });
  });

  it('is beside the answers to everything else that was asked', async () => {
    const { data, errors } = await server.ask(`{
      me { name }
      run(id: "${globalId('Run', '00000000-0000-4000-8000-000000000000')}") { state }
      previewSegment(filter: { spend: { min: 2, max: 1 } }) { count }
      campaignPlan(contactCost: 1, margin: 0.5, uplift: 0.1) { currency }
    }`);
    expect(data).toEqual({ me: { name: 'test ADMIN' }, run: null, previewSegment: null, campaignPlan: null });
    expect(Object.fromEntries(errors!.map(({ path, extensions }) => [path![0], extensions.code]))).toEqual({
      previewSegment: 'BAD_USER_INPUT',
      campaignPlan: 'MODEL_NOT_READY',
    });
  });

  it('hides the schema from strangers: no hints in messages', async () => {
    const hint = async (as: 'VIEWER' | null) => (await server.ask('{ mee { id } }', { as })).errors?.[0]?.message;
    expect(await hint('VIEWER')).toMatch(/Did you mean/);
    expect(await hint(null)).toBe('Cannot query field "mee" on type "Query".');
  });

  it('leaves nothing in the log of what was sent of customers', async () => {
    const { dataSource } = server.database;
    const table = 'customer_personal_data';
    await dataSource.query(`alter table ${table} add constraint nobody check (name is null)`);
    try {
      expect(
        await codeOf(`mutation { upsertCustomers(customers: [{ externalId: "z", personalData: { name: "Zwackelmann" } }]) {
           created } }`),
      ).toEqual(['INTERNAL']);
      await dataSource.query('alter table customer_summary rename to hidden');
      expect(
        await codeOf(`{ customers(filter: { attributes: { nick: "Zwackelmann" } }, orderBy: { field: SPEND }) {
           edges { node { id } } } }`),
      ).toEqual(['INTERNAL']);
      expect(server.log.join('')).toContain('violates check constraint');
      expect(server.log.join('')).not.toContain('Zwackelmann');
    } finally {
      await dataSource.query('alter table if exists hidden rename to customer_summary');
      await dataSource.query(`alter table ${table} drop constraint nobody`);
    }
  });

  it('is a reference to the log for anything unexpected, and nothing internal', async () => {
    await server.database.dataSource.query('alter table audit_entry rename to audit_entry_gone');
    try {
      const answer = await server.ask('{ auditLog { edges { node { id } } } }');
      const [error] = answer.errors ?? [];
      const reference = String(error?.extensions['reference']);
      expect(answer).toEqual({
        data: null,
        errors: [
          {
            message: `Internal error. Its reference in the server's log: ${reference}`,
            path: ['auditLog'],
            locations: [{ line: 1, column: 3 }],
            extensions: { code: 'INTERNAL', reference },
          },
        ],
      });
      const logged = server.log.find((line) => line.includes(reference)) ?? '';
      expect(logged).toContain('relation \\"audit_entry\\" does not exist');
      expect(logged).toContain('audit.service');

      const mutation = await server.ask('mutation { createApiKey(input: { name: "x", role: VIEWER }) { key } }');
      expect(mutation.errors?.[0]?.extensions.code).toBe('INTERNAL');
      expect(JSON.stringify(mutation)).not.toMatch(/audit_entry|insert|select|\.[jt]s/);
      // A change that cannot be audited is not made.
      expect((await server.services.apiKeys.list()).map(({ name }) => name)).not.toContain('x');
    } finally {
      await server.database.dataSource.query('alter table audit_entry_gone rename to audit_entry');
    }
  });

  it('of a body that is no request has a code, too', async () => {
    const response = await server.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query": ',
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  });
});
