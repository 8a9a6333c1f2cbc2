import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Personal attributes, which nothing but the demo shop could write, go. */
export class TidiedRecords1764028800015 implements MigrationInterface {
  name = 'TidiedRecords1764028800015';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table customer_personal_data drop column attributes');
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`alter table customer_personal_data add attributes jsonb not null default '{}'`);
  }
}
