/** Whatever can run SQL: a pool, a client in a transaction, TypeORM's manager. Parameters are `$1`, `$2`, ... */
export interface Queryable {
  query<Row>(sql: string, parameters?: unknown[]): Promise<Row[]>;
}
