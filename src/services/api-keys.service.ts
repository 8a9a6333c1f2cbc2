import { createHash, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { In, IsNull, type DataSource, type EntityManager } from 'typeorm';
import { firstKeyLock } from '../database/advisory-locks.js';
import { ApiKey, type ApiRole } from '../entities/index.js';
import { ClvError } from '../errors.js';
import { noSuch } from './no-such.js';

/** A caller: an API key and what it may do. */
export interface Actor {
  /** Id of the API key. */
  readonly id: string;
  readonly role: ApiRole;
}

export interface CreatedApiKey {
  /** The secret itself; it cannot be shown again. */
  readonly key: string;
  readonly apiKey: ApiKey;
}

const cacheMs = 5_000;
const cachedKeys = 1_000;
/** A use is noted if the last noted one was so long ago, or lies so far in the future since the clock was set back. */
const useMs = 3_600_000;

const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex');

/** Credentials of callers: `clv_<role>_<256 random bits>`, of which only the SHA-256 is kept. */
export class ApiKeysService {
  /** Callers by the key itself, which comes with every request. */
  private readonly cache = new LRUCache<string, Actor>({ max: cachedKeys, ttl: cacheMs });

  constructor(private readonly dataSource: DataSource) {}

  /** The key's owner, or null for an unknown or revoked key. A revocation elsewhere is seen within five seconds. */
  async authenticate(key: string): Promise<Actor | null> {
    const cached = this.cache.get(key);
    if (cached) return cached;
    const found = await this.dataSource.getRepository(ApiKey).findOneBy({ hash: hashOf(key), revokedAt: IsNull() });
    if (!found) return null;
    const actor = { id: found.id, role: found.role };
    this.cache.set(key, actor);
    if (Math.abs(Date.now() - (found.lastUsedAt?.getTime() ?? 0)) > useMs) await this.noteUse(found.id);
    return actor;
  }

  /** Notes a use of the key, unless somebody is changing it or the database takes no writes: the request can be answered all the same. */
  private async noteUse(id: string): Promise<void> {
    await this.dataSource
      .query(
        `update api_key set last_used_at = now()
         where id = (select id from api_key where id = $1 for no key update skip locked)`,
        [id],
      )
      .catch(() => undefined);
  }

  /** All keys, including revoked ones, newest first. */
  list(): Promise<ApiKey[]> {
    return this.dataSource.getRepository(ApiKey).find({ order: { id: 'DESC' } });
  }

  findMany(ids: readonly string[]): Promise<ApiKey[]> {
    return this.dataSource.getRepository(ApiKey).findBy({ id: In(ids) });
  }

  create(name: string, role: ApiRole): Promise<CreatedApiKey> {
    return createKey(this.dataSource.manager, name, role);
  }

  /**
   * Ends a key's validity; revoking it again changes nothing.
   * @throws ClvError NOT_FOUND; CONFLICT for the last ADMIN key, which would lock everybody out
   */
  async revoke(id: string): Promise<ApiKey> {
    const revoked = await this.dataSource.transaction(async (manager) => {
      const admins = await manager.find(ApiKey, {
        where: { role: 'ADMIN', revokedAt: IsNull() },
        lock: { mode: 'pessimistic_write' },
      });
      const apiKey = await manager.findOneBy(ApiKey, { id });
      if (!apiKey) throw noSuch('API key', id);
      if (apiKey.revokedAt) return apiKey;
      if (admins.length === 1 && admins[0]?.id === id) {
        throw new ClvError('CONFLICT', 'This is the last ADMIN key. Create another one before you revoke it.');
      }
      apiKey.revokedAt = new Date();
      return manager.save(apiKey);
    });
    // Not before the commit: whoever asked in between would find the key valid and cache it again.
    for (const [key, actor] of this.cache) if (actor.id === id) this.cache.delete(key);
    return revoked;
  }
}

/** Creates the first ADMIN key where no valid one exists, and returns it so that it can be shown, once. */
export function ensureFirstAdminKey(dataSource: DataSource): Promise<string | null> {
  return dataSource.transaction(async (manager) => {
    await manager.query(`select pg_advisory_xact_lock(${firstKeyLock})`);
    if (await manager.existsBy(ApiKey, { role: 'ADMIN', revokedAt: IsNull() })) return null;
    return (await createKey(manager, 'first administrator', 'ADMIN')).key;
  });
}

async function createKey(manager: EntityManager, name: string, role: ApiRole): Promise<CreatedApiKey> {
  const prefix = `clv_${role.toLowerCase()}_`;
  const key = prefix + randomBytes(32).toString('base64url');
  const apiKey = await manager.save(
    manager.create(ApiKey, { name, role, hash: hashOf(key), prefix: key.slice(0, prefix.length + 6) }),
  );
  return { key, apiKey };
}
