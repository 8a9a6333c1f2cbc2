import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ExplanationModel1764028800006 implements MigrationInterface {
  name = 'ExplanationModel1764028800006';

  public async up(queryRunner: QueryRunner): Promise<void> {
    // What requests stored of a model while it was deleted.
    await queryRunner.query(
      `delete from explanation e where not exists (select from model_version m where m.id = e.model_id)`,
    );
    await queryRunner.query(`alter table explanation add constraint "FK_bd47dee33c9ddb5a75701824d09"
      foreign key (model_id) references model_version (id) on delete cascade`);
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`alter table explanation drop constraint "FK_bd47dee33c9ddb5a75701824d09"`);
  }
}
