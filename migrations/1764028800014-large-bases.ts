import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What took long with a million customers: changes of values are noted by runs, and members of campaigns are kept without
 * foreign keys, which were most of a start; who deletes a campaign or a customer deletes the members.
 */
export class LargeBases1764028800014 implements MigrationInterface {
  name = 'LargeBases1764028800014';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`alter type "public"."run_kind" add value 'NOTE_CHANGES'`);
    await queryRunner.query(`
      alter table "campaign_member"
        drop constraint "FK_4821d8910fe2395cfd164289013",
        drop constraint "FK_5bb85cb336588d748d87b1769e8"`);
    await queryRunner.query(`drop index "IDX_5bb85cb336588d748d87b1769e"`);
  }

  /** A value cannot be taken out of an enumeration: the type is made anew, without the runs that note changes. */
  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`create index "IDX_5bb85cb336588d748d87b1769e" on "campaign_member" ("customer_id")`);
    await queryRunner.query(`
      alter table "campaign_member"
        add constraint "FK_4821d8910fe2395cfd164289013" foreign key ("campaign_id")
          references "campaign" ("id") on delete cascade on update no action,
        add constraint "FK_5bb85cb336588d748d87b1769e8" foreign key ("customer_id")
          references "customer" ("id") on delete cascade on update no action`);
    await queryRunner.query(`delete from "run" where "kind" = 'NOTE_CHANGES'`);
    await queryRunner.query(`alter type "public"."run_kind" rename to "run_kind_before"`);
    await queryRunner.query(
      `create type "public"."run_kind" as enum ('PREPROCESS', 'FINE_TUNE', 'SCORE', 'EVALUATE', 'RETRAIN', 'COMPARE')`,
    );
    await queryRunner.query(
      `alter table "run" alter column "kind" type "public"."run_kind" using "kind"::text::"public"."run_kind"`,
    );
    await queryRunner.query(`drop type "public"."run_kind_before"`);
  }
}
