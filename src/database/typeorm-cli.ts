import { createDataSource } from './data-source.js';

// What `typeorm migration:generate` loads: exactly one export.
export default createDataSource({ url: process.env['DATABASE_URL'] ?? '', poolSize: 2 });
