import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Sources lose the spaces around them, which ids do not have either. Personal attributes, which nothing but the demo shop
 * could write, go.
 */
export class TidiedRecords1764028800015 implements MigrationInterface {
  name = 'TidiedRecords1764028800015';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table customer_personal_data drop column attributes');
    await trimSources(queryRunner);
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`alter table customer_personal_data add attributes jsonb not null default '{}'`);
  }
}

const tables = ['customer', 'product', 'customer_order', 'behavior_event'];

/** One that is there without the spaces, too, gets a number: their records may have the same ids. */
async function trimSources(queryRunner: QueryRunner): Promise<void> {
  const known = new Set<string>();
  for (const table of tables) {
    for (const { source } of await queryRunner.manager.query<{ source: string }[]>(sourcesOf(table))) known.add(source);
  }
  for (const source of known) {
    const trimmed = source.trim();
    if (trimmed === source) continue;
    let name = trimmed;
    for (let number = 2; known.has(name); number++) name = `${trimmed} (${number})`;
    known.add(name);
    for (const table of tables) {
      await queryRunner.query(`update ${table} set source = $1 where source = $2`, [name, source]);
    }
  }
}

/** From one to the next in the index that begins with them, without reading all rows. */
const sourcesOf = (table: string): string => `
  with recursive known (source) as (
    select min(source) from ${table}
    union all
    select (select min(source) from ${table} where source > known.source) from known where known.source is not null
  )
  select source from known where source is not null`;
