import { Command } from 'commander';
import type { Run } from '../entities/index.js';
import { shortestLearntDays } from '../ml/features/horizon-limits.js';
import type { Services } from '../services/create-services.js';
import type { SnapshotReport } from '../services/preprocessing/snapshot-report.js';
import {
  defaultMaxTrainingRows,
  leastMaxTrainingRows,
  mostMaxTrainingRows,
} from '../services/preprocessing/preprocessing.types.js';
import { executeRun } from './execute-run.js';
import { asOfOption, horizonOption, names, type PeriodFlags, wholeNumber } from './run-options.js';
import { snapshotLines } from './snapshot-lines.js';

interface PreprocessFlags extends PeriodFlags {
  readonly maxTrainingRows?: number;
  readonly covariates?: string[];
}

/** `clvgraph preprocess`: cleans the history and cuts it into a snapshot. */
export function preprocessCommand(): Command {
  return new Command('preprocess')
    .description('clean the history and cut it into a snapshot to train on')
    .addOption(asOfOption())
    .addOption(horizonOption(shortestLearntDays))
    .option(
      '--max-training-rows <number>',
      `about so many rows at most, ${leastMaxTrainingRows} to ${mostMaxTrainingRows}; a larger base is sampled (default: ${defaultMaxTrainingRows})`,
      wholeNumber(leastMaxTrainingRows, mostMaxTrainingRows),
    )
    .option(
      '--covariates <names>',
      'attributes of customers that models read, e.g. channel,plan: only what is known at the first purchase and does not change (default: none)',
      names,
    )
    .action(({ maxTrainingRows, ...request }: PreprocessFlags) =>
      executeRun(
        ({ runStarts }) => runStarts.preprocessing({ ...request, options: { maxTrainingRows } }, null),
        whatWasFound,
      ),
    );
}

async function whatWasFound({ snapshots }: Services, { result }: Run): Promise<readonly string[]> {
  const { snapshotId } = result as { snapshotId: string };
  const [snapshot] = await snapshots.findMany([snapshotId]);
  return snapshot ? snapshotLines(snapshot.report as SnapshotReport) : [];
}
