import { readFile } from 'node:fs/promises';
import { buildSchema, parse, validate } from 'graphql';
import { expect, it } from 'vitest';

it("the README's first query can be copied: its body is JSON, and the schema has what it asks for", async () => {
  const readme = await readFile('README.md', 'utf8');
  const [, body] = /^curl [^\n]*? -d ('[\s\S]*?')\n```/m.exec(readme) ?? [];
  // As a shell joins quoted parts over several lines.
  const { query } = JSON.parse(body!.replaceAll("'\\\n'", '').slice(1, -1)) as { query: string };
  const schema = buildSchema(await readFile('src/schema/schema.graphql', 'utf8'));
  expect(validate(schema, parse(query))).toEqual([]);
});
