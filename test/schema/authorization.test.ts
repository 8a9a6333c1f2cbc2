import { beforeAll, describe, expect, it } from 'vitest';
import type { GraphQLField, GraphQLResolveInfo, GraphQLSchema } from 'graphql';
import { apiRoles, type ApiRole } from '../../src/entities/index.js';
import { buildSchema } from '../../src/server/build-schema.js';

type Operation = GraphQLField<unknown, unknown>;

/** Calls an operation as far as its rule: one that lets the caller through fails on the missing services. */
async function codeFor(operation: Operation, role: ApiRole | null): Promise<unknown> {
  const services = { audit: { record: (_change: unknown, work: () => Promise<unknown>) => work() } };
  const context = { actor: role && { id: '1', role }, services, loaders: {} };
  const call = operation.subscribe ?? operation.resolve;
  try {
    await call?.({}, {}, context, {} as GraphQLResolveInfo);
    return 'let through';
  } catch (error) {
    return (error as { code?: string }).code ?? 'let through';
  }
}

describe('every operation of the schema', () => {
  let schema: GraphQLSchema;
  let operations: Operation[];
  beforeAll(async () => {
    schema = await buildSchema();
    const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
    operations = roots.flatMap((root) => Object.values(root?.getFields() ?? {}));
  });

  it('declares the least role that may call it', () => {
    expect(operations.length).toBeGreaterThan(20);
    const without = operations.filter(({ extensions }) => !apiRoles.includes(extensions['role'] as ApiRole));
    expect(without.map(({ name }) => name)).toEqual([]);
  });

  it('refuses a caller without a key', async () => {
    for (const operation of operations) {
      expect([operation.name, await codeFor(operation, null)]).toEqual([operation.name, 'UNAUTHENTICATED']);
    }
  });

  it('refuses each smaller role and no other', async () => {
    for (const operation of operations) {
      const least = apiRoles.indexOf(operation.extensions['role'] as ApiRole);
      for (const [index, role] of apiRoles.entries()) {
        const refused = (await codeFor(operation, role)) === 'FORBIDDEN';
        expect([operation.name, role, refused]).toEqual([operation.name, role, index < least]);
      }
    }
  });

  it('says in its description who may call it, and what it does', () => {
    for (const { name, description, extensions } of operations) {
      expect([name, description]).toEqual([name, expect.stringContaining(`Role: ${String(extensions['role'])}.`)]);
    }
  });
});
