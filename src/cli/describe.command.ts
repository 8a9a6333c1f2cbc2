import { basename } from 'node:path';
import { Command, Option } from 'commander';
import { mediaModels } from '../ml/media/media-layout.js';
import { describeFiles } from '../services/describing/describe-files.js';
import {
  type DescribeReport,
  describingFields,
  type DescribingKind,
  describingKinds,
} from '../services/describing/describing.types.js';
import { counted, grouped } from '../text.js';
import { type Pairs, pairs } from './field-pairs.js';
import { rejectionLines } from './import-summary.js';
import { onDatabase } from './on-database.js';

interface DescribeFlags {
  readonly kind: DescribingKind;
  readonly map?: Pairs;
  readonly model?: string;
  readonly language?: string;
  readonly source: string;
  readonly again?: boolean;
  readonly rejections?: string;
}

/** `clvgraph describe`: puts pictures of products and recordings of customers into words. */
export function describeCommand(): Command {
  return new Command('describe')
    .description('turn product pictures, or recordings, into text (docs/pictures-and-recordings.md)')
    .argument('<file>', 'CSV file that says which product or event each picture or recording belongs to')
    .addOption(new Option('-k, --kind <kind>', 'what the rows name').choices(describingKinds).makeOptionMandatory())
    .option('--map <field=column,...>', 'which column a field is in, e.g. product.picture=Image', pairs)
    .option(
      '--model <folder or name>',
      `model with ONNX weights; ${mediaModels.picture.example} or ${mediaModels.recording.example} if not given`,
    )
    .option('--language <code>', 'language of the recordings, e.g. de; en if not given')
    .option('-s, --source <name>', 'the system that the ids belong to', 'default')
    .option('--again', 'describe anew what has a caption or a text already')
    .option('--rejections <file>', 'where rejected rows are listed; <file>.rejected.csv here if not given')
    .action(async (path: string, flags: DescribeFlags) => {
      const { kind, map: columns = {}, source, again = false, language } = flags;
      const { example } = mediaModels[describingFields[kind].medium];
      const rejectionsPath = flags.rejections ?? `${basename(path)}.rejected.csv`;
      const model = flags.model ?? example;
      const options = { path, kind, columns, source, again, model, language, rejectionsPath };
      const report = await onDatabase((dataSource, config, hooks) =>
        describeFiles(dataSource, config, { ...options, ...hooks }),
      );
      console.log(summary(report, rejectionsPath));
      if (report.described + report.leftAsTheyAre === 0) process.exitCode = 1;
    });
}

function summary(report: DescribeReport, rejectionsPath: string): string {
  return [
    `${report.file}: ${counted(report.rowsRead, 'row')} of ${report.kind}, ${grouped(report.described)} described, ` +
      `${grouped(report.leftAsTheyAre)} left as they are, ${grouped(report.rowsRejected)} rejected`,
    ...rejectionLines(report, rejectionsPath),
    `  predictions of ${counted(report.customersConcerned, 'customer')} are computed anew when asked for`,
    `  ${report.seconds.toFixed(1)} s`,
  ].join('\n');
}
