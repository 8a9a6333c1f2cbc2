import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What nothing reads: an explanation's error is in its content, and a tokenizer is part of the model's bytes. */
export class UnusedColumns1764028800009 implements MigrationInterface {
  name = 'UnusedColumns1764028800009';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`alter table explanation drop column completeness_error`);
    await remakeArtifactKind(queryRunner, ['MODEL', 'CHECKPOINT']);
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await remakeArtifactKind(queryRunner, ['MODEL', 'CHECKPOINT', 'TOKENIZER']);
    await queryRunner.query(`alter table explanation add completeness_error real`);
    await queryRunner.query(
      `update explanation set completeness_error = coalesce((content->>'completenessError')::real, 0)`,
    );
    await queryRunner.query(`alter table explanation alter completeness_error set not null`);
  }
}

/** A value cannot be taken out of an enumeration: the type is made anew. */
async function remakeArtifactKind(queryRunner: QueryRunner, kinds: readonly string[]): Promise<void> {
  await queryRunner.query(`alter type artifact_kind rename to artifact_kind_before`);
  await queryRunner.query(`create type artifact_kind as enum (${kinds.map((kind) => `'${kind}'`).join(', ')})`);
  await queryRunner.query(`alter table model_artifact alter kind type artifact_kind using kind::text::artifact_kind`);
  await queryRunner.query(`drop type artifact_kind_before`);
}
