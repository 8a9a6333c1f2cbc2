import type { MigrationInterface, QueryRunner } from 'typeorm';

/** E-mail addresses are looked for with accented letters composed, as names are. */
export class ComposedEmails1764028800022 implements MigrationInterface {
  name = 'ComposedEmails1764028800022';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await replaceIndex(queryRunner, 'normalize(email, NFC)');
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await replaceIndex(queryRunner, 'email');
  }
}

async function replaceIndex(queryRunner: QueryRunner, email: string): Promise<void> {
  await queryRunner.query('drop index "customer_personal_data_email"');
  await queryRunner.query(`create index "customer_personal_data_email" on customer_personal_data
    (hashtextextended(lower(${email} collate "und-x-icu"), 0), customer_id) where email is not null`);
}
