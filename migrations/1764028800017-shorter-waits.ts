import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The table of a month's events is made by itself and then attached, which reading and writing events goes on beside. Made as
 * `partition of`, it waited for whoever was reading events, such as a backup, and everybody else for it.
 *
 * The index of currencies is of customers' orders alone: in that of all, whoever asked for the customers' went through all
 * sales to nobody.
 */
export class ShorterWaits1764028800017 implements MigrationInterface {
  name = 'ShorterWaits1764028800017';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index "IDX_7bfcf18065aa8c94c1b9102dd5"');
    await queryRunner.query(
      'create index "IDX_bc4a06af37310833a62c7c9ba8" on customer_order (currency) where customer_id is not null',
    );
    await queryRunner.query(
      ensurePartitions(`
            execute format('create table %I (like behavior_event including defaults)', name);
            execute format(
              'alter table behavior_event attach partition %I for values from (%L) to (%L)',
              name, month || '+00', (month + interval '1 month') || '+00');`),
    );
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index "IDX_bc4a06af37310833a62c7c9ba8"');
    await queryRunner.query('create index "IDX_7bfcf18065aa8c94c1b9102dd5" on customer_order (currency)');
    await queryRunner.query(
      ensurePartitions(`
            execute format(
              'create table %I partition of behavior_event for values from (%L) to (%L)',
              name, month || '+00', (month + interval '1 month') || '+00');`),
    );
  }
}

const ensurePartitions = (makePartition: string): string => `
      create or replace function ensure_behavior_event_partitions(first timestamptz, last timestamptz) returns void
      language plpgsql as $$
      declare
        month timestamp := date_trunc('month', first at time zone 'UTC');
        name text;
      begin
        -- One at a time: two loads may bring the same month's first events.
        perform pg_advisory_xact_lock(7341, 1);
        while month <= last at time zone 'UTC' loop
          name := 'behavior_event_' || to_char(month, 'YYYY_MM');
          if to_regclass(name) is null then${makePartition}
          end if;
          month := month + interval '1 month';
        end loop;
      end $$`;
