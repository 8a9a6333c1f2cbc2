import { createReadStream } from 'node:fs';
import { loadavg } from 'node:os';
import { importFile } from '../../../src/services/ingestion/import-file.js';
import { presets } from '../../../src/services/ingestion/mapping/presets.js';
import type { BenchServer, DatabaseName } from '../../bench-server.js';
import { bareCopy } from '../../import/bare-copy.js';
import { spreadOf } from '../results.js';
import { measured, PhaseTimes } from './measuring.js';
import type { ImportResult } from './scale-results.js';
import type { Shop } from './shop.js';

/** A database for each size. */
export const databaseOf = (customers: number): DatabaseName => `clvgraph_scale_${customers}`;

/** Imports the shop's file `rounds` times into an empty database, each time after a bare COPY of it; the last one stays. */
export async function measureImport(
  server: BenchServer,
  { path, customers, lines, bytes }: Shop,
  { rounds, again }: { readonly rounds: number; readonly again: boolean },
): Promise<ImportResult> {
  const bare: number[] = [];
  const imports: number[] = [];
  let peakBytes = 0;
  let phases: Record<string, number> = {};
  let againSeconds: number | null = null;
  for (let round = 1; round <= rounds; round++) {
    await server.make(databaseOf(customers), null);
    const dataSource = await server.connect(databaseOf(customers));
    const load = () => {
      const progress = new PhaseTimes(`import, round ${round}`);
      const mapping = presets['online-retail'];
      return measured(async () => {
        await importFile(dataSource, { path, mapping, source: 'scale', currency: 'GBP', progress });
        progress.end();
        phases = progress.seconds;
      });
    };
    try {
      bare.push((await bareCopy(dataSource, [createReadStream(path, { highWaterMark: 256 * 1024 })])).seconds);
      const { seconds, peakBytes: peak } = await load();
      imports.push(seconds);
      peakBytes = Math.max(peakBytes, peak);
      console.log(`bare COPY ${bare.at(-1)!.toFixed(2)} s, import ${seconds.toFixed(2)} s`);
      if (again && round === rounds) {
        const first = phases;
        againSeconds = (await load()).seconds;
        phases = first;
      }
    } finally {
      await dataSource.destroy();
    }
  }
  return {
    rows: lines,
    bytes,
    bareCopySeconds: spreadOf(bare),
    importSeconds: spreadOf(imports),
    ratio: spreadOf(bare.map((seconds, i) => seconds / imports[i]!)),
    phases,
    againSeconds,
    peakBytes,
    load: loadavg()[0]!,
  };
}
