import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { toCsv } from '../../../../bench/quality/csv.js';
import { recordPath } from '../../../../bench/quality/records.js';
import { simulated } from '../../../../bench/quality/simulated/command.js';
import { simulatedProtocols } from '../../../../bench/quality/simulated/protocols.js';
import { writeSimulatedReport } from '../../../../bench/quality/simulated/report.js';
import { checksumOf, filesOf, writeJson, writeWhole } from '../../../../bench/quality/work-folder.js';
import { useWorkingFolder } from '../../../support/working-folder.js';

const files = filesOf(simulatedProtocols[1]!, 'all');
const customers = Array.from({ length: 100 }, (_, i) => `c${i}`);

async function writePredictions(model: string, ours: boolean, expected: (place: number) => number): Promise<void> {
  const path = files.prediction(model, 1);
  // The first half of customers is expected to buy nothing; every other one of the rest spends more than expected.
  const upper = (i: number) => (i < 50 ? 0 : i - (i % 2));
  const intervals = ours ? ['lower80', 'upper80', 'lower95', 'upper95'] : [];
  await writeWhole(
    path,
    toCsv(
      ['customer', 'expected_value', ...intervals],
      customers.map((customer, i) => [customer, expected(i), ...(ours ? [0, upper(i), 0, upper(i)] : [])]),
    ),
  );
  await writeJson(recordPath(path), {
    data_sha256: await checksumOf(files),
    seconds: { all: 1 },
    ...(ours ? { ours: { code: 'abc', grade: 'A', epochs: 2 } } : { versions: { pandas: '1' } }),
  });
}

useWorkingFolder();

beforeEach(async () => {
  await writeWhole(files.train, 'customer\n');
  await writeWhole(files.zero, toCsv(['customer', 'actual', 'purchases'], []));
  const rows = customers.map((customer, i) => [customer, i, 1, i % 2]);
  await writeWhole(files.test, toCsv(['customer', 'actual', 'purchases', 'f_repeat_days'], rows));
});

describe('the report on simulated shops', () => {
  it('has the shops that are predicted, and says first where ours is behind', async () => {
    await writePredictions('ours', true, (i) => 100 - i);
    await writePredictions('prior-only', true, (i) => i);
    await writePredictions('total_spend', false, (i) => i);
    await writeSimulatedReport();
    const report = await readFile(join('docs', 'benchmarks', 'simulated.md'), 'utf8');
    expect(report.match(/^## S\d: .*$/gm)).toEqual([`## ${simulatedProtocols[1]!.title}`]);
    expect(report).toContain('6,000 customers in all, 100 of them by the as-of date, 50 of whom');
    expect(report).toContain('S2 Spearman -1.000 (total spend 1.000)');
    expect(report).toMatch(/Behind the prior alone: S2 Gini -0.942 \(prior only 1.000\);/);
    expect(report).toMatch(/\| {2}\| Gini \| Spearman \| RMSE \| decile MAPE \| bias \|/);
    expect(report).toContain('| total spend | 1.000 | 1.000 | 0.00 |');
    expect(report).toContain('Of the customers whose interval is wider are inside: S2 50.0 %.');
  });

  it('says so where no peer is better', async () => {
    await writePredictions('ours', true, (i) => i);
    await writePredictions('total_spend', false, (i) => 100 - i);
    await writeSimulatedReport();
    const report = await readFile(join('docs', 'benchmarks', 'simulated.md'), 'utf8');
    expect(report).toContain('best in that figure: nowhere. Behind the prior alone: nowhere.');
  });
});

describe('the command', () => {
  it('takes simulated shops only', async () => {
    const command = simulated()
      .exitOverride()
      .configureOutput({ writeErr: () => undefined });
    await expect(command.parseAsync(['--protocol', 'P1'], { from: 'user' })).rejects.toThrow(
      'Allowed choices are S1, S2, S3, S4, S5, S6, S7',
    );
  });
});
