import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Every customer has a row in customer_summary from the start, however it is added: by statement, so bulk loads stay fast. */
export class CustomerSummaryRows1764028800002 implements MigrationInterface {
  name = 'CustomerSummaryRows1764028800002';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create function add_customer_summaries() returns trigger
      language plpgsql as $$
      begin
        insert into customer_summary (customer_id) select id from added;
        return null;
      end $$`);
    await queryRunner.query(`
      create trigger customer_summary_rows after insert on customer
      referencing new table as added for each statement execute function add_customer_summaries()`);
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop trigger customer_summary_rows on customer');
    await queryRunner.query('drop function add_customer_summaries()');
  }
}
