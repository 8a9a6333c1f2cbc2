import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { printSchemaText } from '../../src/server/print-schema-text.js';

it('schema.graphql is what the code says; mend it with `npm run schema:emit`', async () => {
  expect(await readFile('src/schema/schema.graphql', 'utf8')).toBe(await printSchemaText());
});
