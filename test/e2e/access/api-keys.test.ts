import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { globalId } from '../../../src/schema/global-id.js';
import { ApiKeysService, ensureFirstAdminKey } from '../../../src/services/api-keys.service.js';
import { useTestServer } from '../support/test-server.js';

interface AuditLog {
  auditLog: {
    edges: {
      node: { action: string; target: string | null; details: Record<string, unknown>; apiKey: { name: string } };
    }[];
    pageInfo: { hasNextPage: boolean; endCursor: string };
  };
}

const auditLog = `query($first: Int!, $after: String) {
  auditLog(first: $first, after: $after) {
    edges { node { action target details apiKey { name } } }
    pageInfo { hasNextPage endCursor }
  }
}`;

describe('API keys', () => {
  const server = useTestServer();

  it('are shown once, stored hashed, and end at once when revoked', async () => {
    const created = await server.ask<{ createApiKey: { key: string; apiKey: { id: string; prefix: string } } }>(
      'mutation { createApiKey(input: { name: "crm", role: MARKETER }) { key apiKey { id prefix role } } }',
    );
    const { key, apiKey } = created.data.createApiKey;
    expect(key).toMatch(/^clv_marketer_[\w-]{43}$/);
    expect(key.startsWith(apiKey.prefix)).toBe(true);

    const [row] = await server.database.dataSource.query<{ hash: string; text: string }[]>(
      `select hash, k::text as text from api_key k where name = 'crm'`,
    );
    expect(row?.hash).toBe(createHash('sha256').update(key).digest('hex'));
    expect(row?.text).not.toContain(key);

    expect(await server.services.apiKeys.authenticate(key)).toMatchObject({ role: 'MARKETER' });
    const revoked = await server.ask<{ revokeApiKey: { revokedAt: string } }>(
      'mutation($id: ID!) { revokeApiKey(id: $id) { revokedAt } }',
      { variables: { id: apiKey.id } },
    );
    expect(Date.parse(revoked.data.revokeApiKey.revokedAt)).toBeGreaterThan(Date.now() - 60_000);
    expect(await server.services.apiKeys.authenticate(key)).toBeNull();
  });

  it('end at once although they come with a request while they are being revoked', async () => {
    const { apiKeys } = server.services;
    const { key, apiKey } = await apiKeys.create('busy', 'VIEWER');
    let revoking: Promise<unknown> | undefined;
    await server.database.dataSource.transaction(async (manager) => {
      await manager.query('select from api_key where id = $1 for update', [apiKey.id]);
      revoking = apiKeys.revoke(apiKey.id);
      await sleep(300);
      expect(await apiKeys.authenticate(key)).toMatchObject({ role: 'VIEWER' });
    });
    await revoking;
    expect(await apiKeys.authenticate(key)).toBeNull();
  });

  it('are revoked once: the time of it stays', async () => {
    const { apiKeys } = server.services;
    const { apiKey } = await apiKeys.create('left', 'VIEWER');
    const { revokedAt } = await apiKeys.revoke(apiKey.id);
    await sleep(5);
    expect((await apiKeys.revoke(apiKey.id)).revokedAt).toEqual(revokedAt);
    await expect(apiKeys.revoke('999')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('end within five seconds where another process revokes them', async () => {
    const { key, apiKey } = await server.services.apiKeys.create('elsewhere', 'VIEWER');
    const elsewhere = new ApiKeysService(server.database.dataSource);
    expect(await elsewhere.authenticate(key)).toMatchObject({ role: 'VIEWER' });
    await server.services.apiKeys.revoke(apiKey.id);
    const revoked = performance.now();
    vi.spyOn(performance, 'now').mockImplementation(() => revoked + 5_001);
    try {
      // The cache looks at the clock once a millisecond at most.
      await sleep(5);
      expect(await elsewhere.authenticate(key)).toBeNull();
    } finally {
      vi.restoreAllMocks();
    }
  });

  it('tell when they were last used, to within an hour, and are honoured where that cannot be noted', async () => {
    const { dataSource } = server.database;
    const { key, apiKey } = await server.services.apiKeys.create('nightly sync', 'VIEWER');
    const lastUse = async () => {
      const { data } = await server.ask<{ apiKeys: { id: string; lastUsedAt: string | null }[] }>(
        '{ apiKeys { id lastUsedAt } }',
      );
      const asked = data.apiKeys.find(({ id }) => id === globalId('ApiKey', apiKey.id))!.lastUsedAt;
      return asked === null ? null : Date.parse(asked);
    };
    /** A process that has not seen the key yet. */
    const use = () => new ApiKeysService(dataSource).authenticate(key);
    const usedAgo = (interval: string) =>
      dataSource.query(`update api_key set last_used_at = now() - $1::interval where id = $2`, [interval, apiKey.id]);
    expect(await lastUse()).toBeNull();
    await use();
    expect(await lastUse()).toBeGreaterThan(Date.now() - 60_000);
    await usedAgo('50 minutes');
    await use();
    expect(await lastUse()).toBeLessThan(Date.now() - 45 * 60_000);
    await usedAgo('2 hours');
    await use();
    expect(await lastUse()).toBeGreaterThan(Date.now() - 60_000);
    // The clock was set back since.
    await usedAgo('-3 days');
    await use();
    expect(await lastUse()).toBeLessThan(Date.now() + 60_000);
    await usedAgo('2 hours');
    await dataSource.query(
      `create function refuse() returns trigger language plpgsql as $$ begin raise read_only_sql_transaction; end $$;
       create trigger refused before update on api_key for each row execute function refuse()`,
    );
    expect(await use()).toMatchObject({ role: 'VIEWER' });
    await dataSource.query('drop function refuse cascade');
  });

  it('of administrators cannot all be revoked', async () => {
    const { data } = await server.ask<{ apiKeys: { id: string; role: string }[] }>('{ apiKeys { id role } }');
    const admin = data.apiKeys.find(({ role }) => role === 'ADMIN');
    const { errors } = await server.ask('mutation($id: ID!) { revokeApiKey(id: $id) { id } }', {
      variables: { id: admin?.id },
    });
    expect(errors?.[0]?.extensions.code).toBe('CONFLICT');
    expect((await server.ask('{ me { role } }')).data).toEqual({ me: { role: 'ADMIN' } });
  });

  it('leave a trace of every change, refused ones too, page by page', async () => {
    const actions: string[] = [];
    let after: string | null = null;
    for (;;) {
      const { data }: { data: AuditLog } = await server.ask<AuditLog>(auditLog, { variables: { first: 2, after } });
      actions.push(...data.auditLog.edges.map(({ node }) => `${node.action} ${String(node.details['outcome'])}`));
      if (!data.auditLog.pageInfo.hasNextPage) break;
      after = data.auditLog.pageInfo.endCursor;
    }
    expect(actions).toEqual(['revokeApiKey REFUSED', 'revokeApiKey DONE', 'createApiKey DONE']);

    const { data } = await server.ask<AuditLog>(auditLog, { variables: { first: 10 } });
    const [refused, revoked, created] = data.auditLog.edges.map(({ node }) => node);
    expect(refused?.details).toMatchObject({ errorCode: 'CONFLICT' });
    expect(revoked?.apiKey.name).toBe('test ADMIN');
    // What was created is known by its id afterwards; the key itself is nowhere.
    expect(created?.target).toBe(revoked?.target);
    expect(created?.details).toEqual({ arguments: { input: { name: 'crm', role: 'MARKETER' } }, outcome: 'DONE' });
  });

  it('are looked up by id through node, by administrators only', async () => {
    const { data } = await server.ask<{ me: { id: string } }>('{ me { id } }');
    const node = 'query($id: ID!) { node(id: $id) { id __typename ... on ApiKey { name } } }';
    const variables = { id: data.me.id };
    expect((await server.ask(node, { variables })).data).toEqual({
      node: { id: data.me.id, __typename: 'ApiKey', name: 'test ADMIN' },
    });
    expect((await server.ask(node, { variables, as: 'VIEWER' })).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });

  it.each(['ApiKey', 'AuditEntry', 'Run', 'Snapshot'] as const)(
    'of marketers look up no %s through node',
    async (type) => {
      const id = globalId(type, type === 'Run' ? '00000000-0000-4000-8000-000000000000' : '1');
      const { errors } = await server.ask(`{ node(id: "${id}") { id } }`, { as: 'MARKETER' });
      expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    },
  );

  it('begin with one for an administrator, made once however many processes start', async () => {
    const { dataSource } = server.database;
    expect(await ensureFirstAdminKey(dataSource)).toBeNull();
    await dataSource.query(`update api_key set revoked_at = now()`);
    // Who may only read cannot make another one.
    await server.services.apiKeys.create('reader', 'VIEWER');
    const keys = await Promise.all([1, 2, 3].map(() => ensureFirstAdminKey(dataSource)));
    const made = keys.filter((key) => key !== null);
    expect(made).toEqual([expect.stringMatching(/^clv_admin_/)]);
    expect(await server.services.apiKeys.authenticate(made[0]!)).toMatchObject({ role: 'ADMIN' });
  });

  it('of the last two administrators are not both revoked when each revokes the other at once', async () => {
    const { apiKeys } = server.services;
    for (let i = 0; i < 10; i++) {
      await server.database.dataSource.query('update api_key set revoked_at = now()');
      const made = [await apiKeys.create('one', 'ADMIN'), await apiKeys.create('other', 'ADMIN')];
      const ends = await Promise.allSettled(made.map(({ apiKey }) => apiKeys.revoke(apiKey.id)));
      expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    }
  });
});
