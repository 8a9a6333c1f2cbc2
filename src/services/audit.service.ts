import type { DataSource } from 'typeorm';
import { databaseFailure } from '../database/database-failure.js';
import { AuditEntry } from '../entities/index.js';
import { ClvError } from '../errors.js';
import { isJsonObject } from '../json-object.js';
import { toStorable } from '../storable-text.js';
import type { Actor } from './api-keys.service.js';
import { decodeCursor, pageOf, type Page, type PageRequest } from './paging.js';
import { serviceLog } from './service-log.js';

interface AuditedChange {
  /** Null where no API key asked for it. */
  readonly actor: Pick<Actor, 'id'> | null;
  /** The operation, e.g. `promoteModel`. */
  readonly action: string;
  /** Id of what is changed, as the API shows it. */
  readonly target: string | null;
  readonly details: Record<string, unknown>;
}

export const auditOutcomes = ['DONE', 'REFUSED', 'FAILED'] as const;

/** A filter: entries must fit everything that is given. */
interface AuditFilter {
  /** Id of the API key in the database. */
  readonly apiKeyId?: string | undefined;
  readonly action?: string | null;
  readonly outcome?: AuditOutcome['outcome'] | null;
  /** The first instant that counts. */
  readonly from?: Date | null;
  /** The first instant after it that does not count any more. */
  readonly before?: Date | null;
}

export interface AuditOutcome {
  readonly outcome: (typeof auditOutcomes)[number];
  /** Given where only the outcome tells the target, since something was created. */
  readonly target?: string;
  readonly errorCode?: string;
  /** Numbers of records by what became of them. */
  readonly counts?: Readonly<Record<string, number>>;
}

/** How a result or an error becomes an outcome, where that is not `DONE` or `usualFailure`. */
interface Outcomes<T> {
  readonly outcomeOf: (result: T) => AuditOutcome;
  readonly failureOf: (error: unknown) => AuditOutcome;
}

export function usualFailure(error: unknown): AuditOutcome {
  return error instanceof ClvError
    ? { outcome: 'REFUSED', errorCode: error.code }
    : { outcome: 'FAILED', errorCode: databaseFailure(error)?.code ?? 'INTERNAL' };
}

const log = serviceLog('audit');

/** Makes texts storable: an attempt is recorded before its arguments are checked, whatever these contain. */
function storableTexts(_name: string, value: unknown): unknown {
  if (typeof value === 'string') return toStorable(value);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [toStorable(name), inner]));
}

/** Who changed what, when. The entry is written before the change, so that no change goes without one. */
export class AuditService {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Writes an entry about `work` before it begins, and adds its outcome afterwards.
   * @returns or throws what `work` does
   */
  async record<T>(
    change: AuditedChange,
    work: () => Promise<T>,
    { outcomeOf = () => ({ outcome: 'DONE' }), failureOf = usualFailure }: Partial<Outcomes<T>> = {},
  ): Promise<T> {
    const entry = await this.begin(change);
    let result: T;
    try {
      result = await work();
    } catch (error) {
      await this.settle(entry, failureOf(error));
      throw error;
    }
    await this.settle(entry, outcomeOf(result));
    return result;
  }

  find(id: string): Promise<AuditEntry | null> {
    return this.dataSource.getRepository(AuditEntry).findOneBy({ id });
  }

  /** A page of entries, newest first. @throws ClvError BAD_USER_INPUT for a cursor of another list */
  async page(request: PageRequest, filter: AuditFilter): Promise<Page<AuditEntry>> {
    const [after] = decodeCursor(request.after, ['id']) ?? [];
    const { apiKeyId, action, outcome, from, before } = filter;
    const query = this.dataSource.manager.createQueryBuilder(AuditEntry, 'entry');
    if (apiKeyId) query.andWhere('entry.api_key_id = :apiKeyId', { apiKeyId });
    if (typeof action === 'string') query.andWhere('entry.action = :action', { action: toStorable(action) });
    if (outcome) query.andWhere(`entry.details->>'outcome' = :outcome`, { outcome });
    if (from) query.andWhere('entry.at >= :from', { from });
    if (before) query.andWhere('entry.at < :before', { before });
    // Compared with the row itself, since a date that went through JavaScript would have lost its microseconds.
    if (after) query.andWhere('(entry.at, entry.id) < (select at, id from audit_entry where id = :after)', { after });
    const entries = await query
      .orderBy('entry.at', 'DESC')
      .addOrderBy('entry.id', 'DESC')
      .take(request.first + 1)
      .getMany();
    return pageOf(entries, request, (entry) => [entry.id]);
  }

  /** Writes the entry. @returns its id */
  private async begin({ actor, action, target, details }: AuditedChange): Promise<string> {
    const [entry] = await this.dataSource.query<{ id: string }[]>(
      'insert into audit_entry (api_key_id, action, target, details) values ($1, $2, $3, $4) returning id',
      [actor?.id ?? null, action, target && toStorable(target), JSON.stringify(details, storableTexts)],
    );
    return String(entry?.id);
  }

  /** Adds the outcome. A failure to write it does not undo what was done; the log then has the outcome. */
  private async settle(id: string, { target, ...outcome }: AuditOutcome): Promise<void> {
    try {
      await this.dataSource.query(
        'update audit_entry set details = details || $2::jsonb, target = coalesce(target, $3) where id = $1',
        [id, JSON.stringify(outcome), target ?? null],
      );
    } catch (error) {
      log.error({ err: error, entry: id, target, ...outcome }, 'the outcome was not written');
    }
  }
}
