import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { BenchServer } from '../../../bench/bench-server.js';
import { fullDatabase } from '../../../bench/quality/folds.js';
import { type Protocol, protocols } from '../../../bench/quality/protocols.js';
import { forget, requireData, type Selection } from '../../../bench/quality/steps.js';
import { filesOf, writeWhole } from '../../../bench/quality/work-folder.js';
import { WorkingFolder } from '../../support/working-folder.js';

const protocolOf = (id: string, name: `simulated_${string}`): Protocol => ({
  ...protocols[0]!,
  id,
  data: { ...protocols[0]!.data, name },
});
const [chosen, other] = [protocolOf('S98', 'simulated_forgotten'), protocolOf('S99', 'simulated_kept')];
const selection: Selection = { protocols: [chosen], folds: [], seeds: [], fresh: true, dataFolder: 'nowhere' };

let home: WorkingFolder;
let server: BenchServer;

beforeAll(async () => {
  home = await WorkingFolder.enter();
  vi.stubEnv('DATABASE_URL', inject('postgresUrl'));
  server = await BenchServer.open(home.path);
});

afterAll(async () => {
  for (const protocol of [chosen, other]) await server.drop(fullDatabase(protocol));
  await server[Symbol.asyncDispose]();
  vi.unstubAllEnvs();
  await home[Symbol.asyncDispose]();
});

describe('a run that lacks a data set', () => {
  it('says so, unless the data set was imported before', async () => {
    await server.drop(fullDatabase(chosen));
    const again = { ...selection, fresh: false };
    await expect(requireData(again)).rejects.toMatchObject({ code: 'IMPORT_INVALID' });
    await server.make(fullDatabase(chosen), null);
    await requireData(again);
    await expect(requireData(selection)).rejects.toMatchObject({ code: 'IMPORT_INVALID' });
  });
});

describe('a fresh run', () => {
  it('keeps nothing of the chosen folds, so that a cut one does not go on with older predictions', async () => {
    for (const protocol of [chosen, other]) {
      await server.make(fullDatabase(protocol), null);
      await writeWhole(filesOf(protocol, 'all').prediction('ours', 5), 'customer,expected_value\n');
    }
    await forget(selection);
    const left = await Promise.all(
      [chosen, other].map(async (protocol) => [
        await server.has(fullDatabase(protocol)),
        existsSync(filesOf(protocol, 'all').prediction('ours', 5)),
      ]),
    );
    expect(left).toEqual([
      [false, false],
      [true, true],
    ]);
  });
});
