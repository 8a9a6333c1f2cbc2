import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { createDataSource } from '../../src/database/data-source.js';
import { databaseUrlOn } from './database-url.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the Postgres server that test databases are created on. */
    postgresUrl: string;
    /** Name of a migrated database that test databases are copied from. */
    templateDatabase: string;
    /** The folder for what child processes of tests run: there once a test file needs it. */
    childBuild: string;
  }
}

/** Starts a Postgres for the whole run (or takes TEST_DATABASE_URL's) and migrates a template database on it. */
export default async function globalSetup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['TEST_DATABASE_URL'];
  const postgres = given ? undefined : await EmbeddedPostgres.start(resolve('.clvgraph/test'));
  const serverUrl = given ?? postgres!.url();
  // Of this run alone: no other one's name begins like it, nor is it that of a run that was killed.
  const run = `${process.pid}_${Date.now().toString(36)}`;
  const template = `clvgraph_template_${run}`;
  const childBuild = resolve('.clvgraph', `test-build-${run}`);
  const server = await createDataSource({ url: serverUrl, poolSize: 1 }).initialize();
  await server.query(`create database ${template}`);
  const migrated = await createDataSource({ url: databaseUrlOn(serverUrl, template), poolSize: 1 }).initialize();
  await migrated.runMigrations();
  await migrated.destroy();
  project.provide('postgresUrl', serverUrl);
  project.provide('templateDatabase', template);
  project.provide('childBuild', childBuild);
  const removeChildBuild = async (): Promise<void> => {
    for (const folder of [childBuild, `${childBuild}-partial`]) await rm(folder, { recursive: true, force: true });
  };
  // When Vitest watches, the sources have changed.
  project.onTestsRerun(removeChildBuild);
  return async () => {
    await removeChildBuild();
    // What test files made of it, too.
    const made = await server.query<{ name: string }[]>(
      'select datname as name from pg_database where starts_with(datname, $1)',
      [template],
    );
    for (const { name } of made) await server.query(`drop database if exists ${name} with (force)`);
    await server.destroy();
    await postgres?.stop();
  };
}
