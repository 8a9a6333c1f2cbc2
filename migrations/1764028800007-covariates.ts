import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Covariates1764028800007 implements MigrationInterface {
  name = 'Covariates1764028800007';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`alter table snapshot add covariates jsonb not null default '[]'`);
    await queryRunner.query(`alter table model_version add covariates jsonb not null default '[]'`);
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`alter table model_version drop column covariates`);
    await queryRunner.query(`alter table snapshot drop column covariates`);
  }
}
