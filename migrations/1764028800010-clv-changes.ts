import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What lists last told of each customer: filled by the next scoring. */
export class ClvChanges1764028800010 implements MigrationInterface {
  name = 'ClvChanges1764028800010';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`create type clv_tier as enum ('PLATINUM', 'GOLD', 'SILVER', 'BRONZE')`);
    await queryRunner.query(`
      create table clv_change (
        customer_id bigint primary key,
        changed_at timestamptz not null,
        value double precision not null,
        previous_value double precision,
        tier clv_tier not null,
        tier_changed_at timestamptz not null,
        previous_tier clv_tier,
        constraint "FK_571ff0e407d9f7c09fe8ab8172d" foreign key (customer_id) references customer (id) on delete cascade
      )`);
    await queryRunner.query('create index "IDX_21e78f92660e2c53fcfa260723" on clv_change (changed_at, customer_id)');
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table clv_change');
    await queryRunner.query('drop type clv_tier');
  }
}
