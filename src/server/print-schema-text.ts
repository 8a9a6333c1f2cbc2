import 'reflect-metadata';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { buildSchema } from './build-schema.js';

/** The schema in GraphQL's own language, sorted, as `schema.graphql` has it. */
export async function printSchemaText(): Promise<string> {
  return `${printSchema(lexicographicSortSchema(await buildSchema()))}\n`;
}
