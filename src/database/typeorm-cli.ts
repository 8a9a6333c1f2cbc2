import { createDataSource } from './data-source.js';

// `typeorm migration:generate` loads this module, which must have exactly one export.
export default createDataSource({ url: process.env['DATABASE_URL'] ?? '', poolSize: 2 });
