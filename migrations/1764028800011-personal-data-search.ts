import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Customers are found by what names them. Of each value the index holds a hash: it has no limit of length, and no copy of
 * the value outlives its row.
 */
export class PersonalDataSearch1764028800011 implements MigrationInterface {
  name = 'PersonalDataSearch1764028800011';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`create index "customer_personal_data_email" on customer_personal_data
      (hashtextextended(lower(email collate "und-x-icu"), 0), customer_id) where email is not null`);
    await queryRunner.query(`create index "customer_personal_data_phone" on customer_personal_data
      (hashtextextended(ltrim(regexp_replace(phone, '\\(0\\)|[^0-9]', '', 'g'), '0'), 0), customer_id)
      where phone is not null`);
    await queryRunner.query(`create index "customer_personal_data_name" on customer_personal_data
      (hashtextextended(lower(normalize(name) collate "und-x-icu"), 0), customer_id) where name is not null`);
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    for (const column of ['email', 'phone', 'name']) {
      await queryRunner.query(`drop index "customer_personal_data_${column}"`);
    }
  }
}
