import { beforeEach, describe, expect, it } from 'vitest';
import { toCsv } from '../../../bench/quality/csv.js';
import { measureProtocol } from '../../../bench/quality/measured.js';
import { protocolSection } from '../../../bench/quality/protocol-section.js';
import { protocols } from '../../../bench/quality/protocols.js';
import { recordPath } from '../../../bench/quality/records.js';
import { checksumOf, filesOf, writeJson, writeWhole } from '../../../bench/quality/work-folder.js';
import { silentProgress } from '../../../src/progress.js';
import { useWorkingFolder } from '../../support/working-folder.js';

const protocol = protocols.find(({ id }) => id === 'P4')!;
const files = filesOf(protocol, 'all');
const customers = Array.from({ length: 40 }, (_, i) => i);

useWorkingFolder();

beforeEach(async () => {
  await writeWhole(files.train, 'customer\n');
  await writeWhole(files.zero, toCsv(['customer', 'actual', 'purchases'], []));
  const rows = customers.map((i) => [`c${i}`, i, 1, 0]);
  await writeWhole(files.test, toCsv(['customer', 'actual', 'purchases', 'f_repeat_days'], rows));
  const path = files.prediction('ours', 1);
  const columns = ['customer', 'expected_value', 'lower80', 'upper80', 'lower95', 'upper95'];
  await writeWhole(
    path,
    toCsv(
      columns,
      customers.map((i) => [`c${i}`, i, 0, i, 0, i]),
    ),
  );
  const ours = { code: 'abc', grade: 'A', epochs: 1 };
  await writeJson(recordPath(path), { data_sha256: await checksumOf(files), seconds: {}, ours });
});

describe('the section of a protocol', () => {
  it('says what its plots show, for those who do not see them', async () => {
    const { markdown } = protocolSection((await measureProtocol(protocol, 5, silentProgress))!);
    const shown = Array.from(markdown.matchAll(/!\[(.*)\]\((.*)\)/g), ([, says, path]) => [path, says]);
    expect(Object.fromEntries(shown)).toEqual({
      'quality/p4-calibration.svg': expect.stringMatching(/^P4: predicted and actual means by tenths/),
      'quality/p4-coverage.svg': expect.stringMatching(/^P4: share of customers inside our intervals/),
      'quality/p4-lift.svg': expect.stringMatching(/^P4: share of all value/),
    });
  });
});
