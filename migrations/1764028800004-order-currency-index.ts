import type { MigrationInterface, QueryRunner } from 'typeorm';

export class OrderCurrencyIndex1764028800004 implements MigrationInterface {
  name = 'OrderCurrencyIndex1764028800004';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('create index "IDX_7bfcf18065aa8c94c1b9102dd5" on customer_order (currency)');
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index "IDX_7bfcf18065aa8c94c1b9102dd5"');
  }
}
