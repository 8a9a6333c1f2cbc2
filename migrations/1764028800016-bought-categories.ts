import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which categories each customer bought is kept, so that filters and counts by category read no order lines. */
export class BoughtCategories1764028800016 implements MigrationInterface {
  name = 'BoughtCategories1764028800016';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`alter table customer_summary add categories text[] not null default '{}'`);
    await queryRunner.query(`set local work_mem = '128MB'`);
    await queryRunner.query(`
      update customer_summary s set categories = b.categories
      from (
        select o.customer_id, array_agg(distinct g.category collate "C") collate "default" as categories
        from customer_order o join order_line l on l.order_id = o.id join product g on g.id = l.product_id
        where o.customer_id is not null and l.quantity > 0 and g.category is not null
        group by o.customer_id
      ) b
      where s.customer_id = b.customer_id`);
    await queryRunner.query('create index customer_summary_categories on customer_summary using gin (categories)');
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table customer_summary drop column categories');
  }
}
