import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Explanations by customer: those whose orders or events are deleted, and those who are erased. */
export class LookupIndexes1764028800012 implements MigrationInterface {
  name = 'LookupIndexes1764028800012';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('create index "IDX_13af838988eb92af451fe1eb2e" on explanation (customer_id)');
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index "IDX_13af838988eb92af451fe1eb2e"');
  }
}
