import type { Queryable } from './queryable.js';

interface Definition {
  readonly table: string;
  readonly name: string;
  readonly definition: string;
}

interface Key extends Definition {
  readonly type: 'p' | 'f';
}

interface Index extends Definition {
  readonly unique: boolean;
}

/**
 * Indexes, primary and foreign keys of tables that are dropped for a bulk load: building them again afterwards takes a fraction of the time
 * of updating them row by row. To be used in a transaction: until its end nobody else can read or write the tables or those they refer to.
 */
export class LiftedKeys {
  private constructor(
    private readonly queryable: Queryable,
    private readonly tables: readonly string[],
    private readonly keys: readonly Key[],
    private readonly indexes: readonly Definition[],
  ) {}

  /** Drops all of them but primary keys that other tables refer to. */
  static async lift(queryable: Queryable, tables: readonly string[]): Promise<LiftedKeys> {
    return this.drop(queryable, tables, await findKeys(queryable, tables), await findIndexes(queryable, tables));
  }

  static async liftForeignKeys(queryable: Queryable, tables: readonly string[]): Promise<LiftedKeys> {
    const keys = await findKeys(queryable, tables);
    const foreign = keys.filter(({ type }) => type === 'f');
    return this.drop(queryable, tables, foreign, []);
  }

  /** Drops all of them but those that `on conflict` needs: primary keys and unique indexes. */
  static async liftAllButUnique(queryable: Queryable, tables: readonly string[]): Promise<LiftedKeys> {
    const keys = await findKeys(queryable, tables);
    const foreign = keys.filter(({ type }) => type === 'f');
    const indexes = await findIndexes(queryable, tables);
    return this.drop(
      queryable,
      tables,
      foreign,
      indexes.filter(({ unique }) => !unique),
    );
  }

  private static async drop(
    queryable: Queryable,
    tables: readonly string[],
    keys: readonly Key[],
    indexes: readonly Definition[],
  ): Promise<LiftedKeys> {
    // Foreign keys first, since they depend on primary keys.
    for (const { table, name } of keys) await queryable.query(`alter table ${table} drop constraint ${name}`);
    for (const { name } of indexes) await queryable.query(`drop index ${name}`);
    return new LiftedKeys(queryable, tables, keys, indexes);
  }

  /** @param progress called with the share that is built, before each key and index */
  async restore(progress: (fraction: number) => void | Promise<void> = () => undefined): Promise<void> {
    const statements = this.statements();
    for (const [place, statement] of statements.entries()) {
      await progress(place / statements.length);
      await this.queryable.query(statement);
    }
  }

  /** Table by table, and then the foreign keys: each checks every reference, by a join. */
  private statements(): string[] {
    const primary = this.keys.filter(({ type }) => type === 'p');
    const foreign = this.keys.filter(({ type }) => type === 'f');
    const isOf = (table: string) => (each: Definition) => each.table === table;
    return [
      ...this.tables.flatMap((table) => [
        ...primary.filter(isOf(table)).map(addition),
        ...this.indexes.filter(isOf(table)).map(({ definition }) => definition),
      ]),
      ...foreign.map(addition),
    ];
  }
}

const addition = ({ table, name, definition }: Key): string =>
  `alter table ${table} add constraint ${name} ${definition}`;

/** Foreign keys first; without primary keys that other tables refer to. */
function findKeys(queryable: Queryable, tables: readonly string[]): Promise<Key[]> {
  return queryable.query<Key>(
    `select conrelid::regclass::text as table, quote_ident(conname) as name, pg_get_constraintdef(oid) as definition,
       contype as type
     from pg_constraint own
     where conrelid = any($1::text[]::regclass[]) and (contype = 'f' or contype = 'p' and not exists (
       select 1 from pg_constraint other
       where other.contype = 'f' and other.confrelid = own.conrelid
         and other.conrelid <> all($1::text[]::regclass[])))
     order by contype, conrelid, conname`,
    [tables],
  );
}

function findIndexes(queryable: Queryable, tables: readonly string[]): Promise<Index[]> {
  return queryable.query<Index>(
    `select indrelid::regclass::text as table, indexrelid::regclass::text as name,
       pg_get_indexdef(indexrelid) as definition, indisunique as unique
     from pg_index
     where indrelid = any($1::text[]::regclass[]) and not indisprimary
     order by indrelid, indexrelid`,
    [tables],
  );
}
