import type { DataSource } from 'typeorm';

/** A range of customer ids, both ends included. */
export interface CustomerRange {
  readonly firstId: string;
  readonly lastId: string;
}

interface CustomerShard extends CustomerRange {
  readonly customers: number;
}

/** Cuts the base into ranges of customer ids that can be worked through apart from each other. */
export function planShards(dataSource: DataSource, customersPerShard: number): Promise<CustomerShard[]> {
  return dataSource.query<CustomerShard[]>(
    `select min(id)::text as "firstId", max(id)::text as "lastId", count(*)::int as customers
     from (select id, (row_number() over (order by id) - 1) / $1 as shard from customer) numbered
     group by shard order by shard`,
    [customersPerShard],
  );
}
