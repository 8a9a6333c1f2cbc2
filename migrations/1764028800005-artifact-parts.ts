import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ArtifactParts1764028800005 implements MigrationInterface {
  name = 'ArtifactParts1764028800005';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`alter table model_artifact add part smallint not null default 0`);
    await queryRunner.query(`drop index "IDX_912e1ec80a5d1469fa2128c6f3"`);
    await queryRunner.query(
      `create unique index "IDX_31abddfa1db61a07ec42ca31f7" on model_artifact (model_id, kind, part)`,
    );
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    // What is in several parts cannot be kept in one.
    await queryRunner.query(`delete from model_artifact a using model_artifact b
      where b.model_id = a.model_id and b.kind = a.kind and b.part > 0`);
    await queryRunner.query(`drop index "IDX_31abddfa1db61a07ec42ca31f7"`);
    await queryRunner.query(`alter table model_artifact drop column part`);
    await queryRunner.query(`create unique index "IDX_912e1ec80a5d1469fa2128c6f3" on model_artifact (model_id, kind)`);
  }
}
