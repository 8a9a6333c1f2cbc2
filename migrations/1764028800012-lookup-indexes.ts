import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Explanations by customer: those whose orders or events are deleted, and those who are erased. Entries of the audit log
 * by key, by operation and by outcome, newest first.
 */
export class LookupIndexes1764028800012 implements MigrationInterface {
  name = 'LookupIndexes1764028800012';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('create index "IDX_13af838988eb92af451fe1eb2e" on explanation (customer_id)');
    await queryRunner.query('drop index "IDX_9d18bd4a32fc0cd8ff82b12037"');
    await queryRunner.query('create index "IDX_bca9bbed413a3059aee206284b" on audit_entry (at, id)');
    await queryRunner.query('create index "IDX_691555538ed227bf3e0a2168cf" on audit_entry (api_key_id, at, id)');
    await queryRunner.query('create index "IDX_d47d277e228bed558e5783f37a" on audit_entry (action, at, id)');
    await queryRunner.query(
      `create index "IDX_10fe3588c2ab484aca07865721" on audit_entry (at, id) where details->>'outcome' <> 'DONE'`,
    );
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index "IDX_10fe3588c2ab484aca07865721"');
    await queryRunner.query('drop index "IDX_d47d277e228bed558e5783f37a"');
    await queryRunner.query('drop index "IDX_691555538ed227bf3e0a2168cf"');
    await queryRunner.query('drop index "IDX_bca9bbed413a3059aee206284b"');
    await queryRunner.query('create index "IDX_9d18bd4a32fc0cd8ff82b12037" on audit_entry (at)');
    await queryRunner.query('drop index "IDX_13af838988eb92af451fe1eb2e"');
  }
}
