import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { Command } from 'commander';
import type { DataSource } from 'typeorm';
import { reported } from '../../src/cli/reported.js';
import { importFile } from '../../src/services/ingestion/import-file.js';
import { presets } from '../../src/services/ingestion/mapping/presets.js';
import { BenchServer } from '../bench-server.js';
import { dataFile } from '../quality/data-file.js';
import { onlineRetail } from '../quality/protocols.js';
import { PhaseTimes } from '../speed/scale/measuring.js';
import { bareCopy } from './bare-copy.js';

async function measure(dataSource: DataSource, path: string): Promise<void> {
  const bare = await bareCopy(dataSource, [createReadStream(path), createGunzip()]);
  console.log(
    `bare COPY: ${bare.rows} rows in ${bare.seconds.toFixed(2)} s, ${Math.round(bare.rows / bare.seconds)} rows/s`,
  );
  for (const pass of ['first import', 'same file again']) {
    const progress = new PhaseTimes(pass);
    const mapping = presets['online-retail'];
    const report = await importFile(dataSource, { path, mapping, source: 'bench', currency: 'GBP', progress });
    progress.end();
    const memory = Math.round(process.resourceUsage().maxRSS / 1024);
    console.log(`${pass}: ${report.seconds.toFixed(2)} s, ${report.rowsPerSecond} rows/s, peak memory ${memory} MiB`);
    for (const [phase, seconds] of Object.entries(progress.seconds)) console.log(`  ${phase}: ${seconds.toFixed(2)} s`);
  }
}

/** How much of Postgres's own speed the checks, the ids and the indexes leave. */
async function run(dataFolder: string): Promise<void> {
  const path = dataFile(dataFolder, onlineRetail);
  // Always the same: what a run that was cut short has left is taken away by the next one.
  const name = 'clvgraph_bench';
  await using server = await BenchServer.open(join('.clvgraph', 'bench'));
  try {
    await server.make(name, null);
    const dataSource = await server.connect(name);
    await measure(dataSource, path).finally(() => dataSource.destroy());
  } finally {
    await server.drop(name);
  }
}

const program = new Command('bench:import')
  .description(
    'Imports Online Retail II twice into a fresh database (of DATABASE_URL, or an embedded Postgres), beside a bare COPY ' +
      'of the same file into a table without indexes.',
  )
  .option('--data <folder>', 'where the data sets are', '../shared/data')
  .action(({ data }: { readonly data: string }) => run(data));

await reported(() => program.parseAsync());
