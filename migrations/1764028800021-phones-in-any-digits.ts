import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Telephone numbers are looked for in digits of any script that writes them in others. */
export class PhonesInAnyDigits1764028800021 implements MigrationInterface {
  name = 'PhonesInAnyDigits1764028800021';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await replaceIndex(
      queryRunner,
      `translate(phone, '０１２３４５６７８９٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९（）', '0123456789012345678901234567890123456789()')`,
    );
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await replaceIndex(queryRunner, 'phone');
  }
}

async function replaceIndex(queryRunner: QueryRunner, phone: string): Promise<void> {
  await queryRunner.query('drop index "customer_personal_data_phone"');
  await queryRunner.query(`create index "customer_personal_data_phone" on customer_personal_data
    (hashtextextended(ltrim(regexp_replace(${phone}, '\\(0\\)|[^0-9]', '', 'g'), '0'), 0), customer_id)
    where phone is not null`);
}
