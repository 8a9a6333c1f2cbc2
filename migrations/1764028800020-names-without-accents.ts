import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Names are looked for as people type them: without accents, and with one space in place of several. */
export class NamesWithoutAccents1764028800020 implements MigrationInterface {
  name = 'NamesWithoutAccents1764028800020';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await replaceIndex(
      queryRunner,
      `regexp_replace(regexp_replace(translate(lower(normalize(name, NFKD) collate "und-x-icu"), 'łøđħı’‘', 'lodhi'''''),
        '[\\u0300-\\u036f]', '', 'g'), '\\s+', ' ', 'g')`,
    );
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await replaceIndex(queryRunner, 'lower(normalize(name) collate "und-x-icu")');
  }
}

async function replaceIndex(queryRunner: QueryRunner, key: string): Promise<void> {
  await queryRunner.query('drop index "customer_personal_data_name"');
  await queryRunner.query(`create index "customer_personal_data_name" on customer_personal_data
    (hashtextextended(${key}, 0), customer_id) where name is not null`);
}
