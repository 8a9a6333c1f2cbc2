import type { Command } from 'commander';
import * as engine from './engine/command.js';
import * as engineGoals from './engine/goals.js';
import * as engineReport from './engine/section.js';
import type { Goal } from './goals.js';
import * as scale from './scale/command.js';
import * as scaleGoals from './scale/goals.js';
import * as scaleReport from './scale/section.js';
import * as serving from './serving/command.js';
import * as servingGoals from './serving/goals.js';
import * as servingReport from './serving/section.js';

interface Part {
  /** Runs the part (`--quick`: a small subset) and writes its raw results. */
  readonly command: () => Command;
  /** Goals that were set beforehand, judged by the raw results. */
  readonly goals: () => Promise<Goal[]>;
  /** Markdown made from the raw results; says so where there are none. */
  readonly section: () => Promise<string>;
}

/** The parts of the speed benchmark, in the order of the report. */
export const parts: readonly Part[] = [
  { ...engine, ...engineGoals, ...engineReport },
  { ...serving, ...servingGoals, ...servingReport },
  { ...scale, ...scaleGoals, ...scaleReport },
];
