import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Monthly partitions of behavior_event, made when events of that month first arrive. */
export class EventPartitions1764028800001 implements MigrationInterface {
  name = 'EventPartitions1764028800001';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create function ensure_behavior_event_partitions(first timestamptz, last timestamptz) returns void
      language plpgsql as $$
      declare
        month timestamp := date_trunc('month', first at time zone 'UTC');
        name text;
      begin
        -- One at a time: two loads may bring the same month's first events.
        perform pg_advisory_xact_lock(7341, 1);
        while month <= last at time zone 'UTC' loop
          name := 'behavior_event_' || to_char(month, 'YYYY_MM');
          if to_regclass(name) is null then
            execute format(
              'create table %I partition of behavior_event for values from (%L) to (%L)',
              name, month || '+00', (month + interval '1 month') || '+00');
          end if;
          month := month + interval '1 month';
        end loop;
      end $$`);
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop function ensure_behavior_event_partitions(timestamptz, timestamptz)');
  }
}
