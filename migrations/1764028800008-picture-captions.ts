import type { MigrationInterface, QueryRunner } from 'typeorm';

export class PictureCaptions1764028800008 implements MigrationInterface {
  name = 'PictureCaptions1764028800008';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`alter table product add picture_caption text`);
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`alter table product drop column picture_caption`);
  }
}
