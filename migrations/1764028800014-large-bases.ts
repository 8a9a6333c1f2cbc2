import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What took long with a million customers: changes of values are noted by runs. */
export class LargeBases1764028800014 implements MigrationInterface {
  name = 'LargeBases1764028800014';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`alter type "public"."run_kind" add value 'NOTE_CHANGES'`);
  }

  /** A value cannot be taken out of an enumeration: the type is made anew, without the runs that note changes. */
  public async down(queryRunner: QueryRunner): Promise<void> {
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
