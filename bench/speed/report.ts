import { join } from 'node:path';
import { markdownTable } from '../quality/markdown.js';
import { writeWhole } from '../quality/work-folder.js';
import { parts } from './parts.js';

const file = join('docs', 'benchmarks', 'speed.md');

/** Writes `docs/benchmarks/speed.md` from the raw results of every part. */
export async function writeReport(): Promise<void> {
  const goals = (await Promise.all(parts.map((part) => part.goals()))).flat();
  const rows = goals.map(({ what, goal, measured, reached }) => [
    what,
    goal,
    measured,
    reached ? 'reached' : '**missed**',
  ]);
  const sections = await Promise.all(parts.map((part) => part.section()));
  const markdown = [
    '# Speed',
    '<!-- Written by npm run bench:speed; notes on other code and other machines are added by hand -->',
    'Every comparison has both sides in one run on one machine, by turns; figures are medians, with the lowest and the ' +
      'highest in brackets. Absolute numbers hold for that machine only: read the ratios.',
    '## Against the goals',
    'Set beforehand. A range is that of the lengths of text, the sizes of the base or the queries that a line speaks of. ' +
      'Figures are rounded to the worse side, so that none shows a goal that it misses.',
    markdownTable(['', 'goal', 'measured', ''], rows),
    ...sections,
  ];
  await writeWhole(file, `${markdown.join('\n\n')}\n`);
  console.log(`${file} is written.`);
}
