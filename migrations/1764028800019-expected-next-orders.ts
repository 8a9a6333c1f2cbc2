import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When each customer's next order is expected is stored with the prediction. A scoring fills it in. */
export class ExpectedNextOrders1764028800019 implements MigrationInterface {
  name = 'ExpectedNextOrders1764028800019';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table prediction add expected_next_order_date date');
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table prediction drop column expected_next_order_date');
  }
}
