import { join } from 'node:path';
import { writeWhole } from '../quality/work-folder.js';
import { parts } from './parts.js';

const file = join('docs', 'benchmarks', 'speed.md');

/** Writes `docs/benchmarks/speed.md` from the raw results of every part. */
export async function writeReport(): Promise<void> {
  const sections = await Promise.all(parts.map((part) => part.section()));
  const markdown = [
    '# Speed',
    '<!-- Written by npm run bench:speed -->',
    'Every comparison has both sides in one run on one machine, by turns; figures are medians, with the lowest and the ' +
      'highest in brackets. Absolute numbers hold for that machine only: read the ratios.',
    ...sections,
  ];
  await writeWhole(file, `${markdown.join('\n\n')}\n`);
  console.log(`${file} is written.`);
}
