import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { printSchemaText } from './print-schema-text.js';

// `npm run schema:emit`: run it after every change of the API. A test compares the file with the code.
await writeFile(resolve('src/schema/schema.graphql'), await printSchemaText());
