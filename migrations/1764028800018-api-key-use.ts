import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ApiKeyUse1764028800018 implements MigrationInterface {
  name = 'ApiKeyUse1764028800018';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table api_key add last_used_at timestamptz');
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table api_key drop column last_used_at');
  }
}
