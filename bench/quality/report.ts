import { join } from 'node:path';
import { sigmoid } from '../../src/math.js';
import { businessSection } from './business-section.js';
import { type MeasuredProtocol, measureProtocol, oursOf } from './measured.js';
import { methodSection } from './method-section.js';
import { rfmScores } from './metrics/rfm-scores.js';
import { withProgressLines } from './progress-lines.js';
import { protocolSection, type ReportFile } from './protocol-section.js';
import { type Protocol, protocols } from './protocols.js';
import { logRuns, runLogSection } from './run-log.js';
import { verdictSection } from './verdict-section.js';
import { writeWhole } from './work-folder.js';

export const docs = join('docs', 'benchmarks');
const draws = 1_000;

/** Measures the protocols that there are predictions of. Looking at a final one is logged. */
export async function measureAll(protocols: readonly Protocol[]): Promise<MeasuredProtocol[]> {
  const measured: MeasuredProtocol[] = [];
  for (const protocol of protocols) {
    const found = await withProgressLines(`measure ${protocol.id}`, (progress) =>
      measureProtocol(protocol, draws, progress),
    );
    if (found) measured.push(found);
  }
  return measured;
}

/** The same tables as in the report, on the terminal. */
export async function printMetrics(protocols: readonly Protocol[]): Promise<void> {
  const measured = await measureAll(protocols);
  await logRuns(measured);
  for (const protocol of measured) console.log(`\n${protocolSection(protocol).markdown}`);
  console.log(`\n${verdictSection(measured)}`);
}

/** Writes `docs/benchmarks/quality.md` and its plots. */
export async function writeReport(): Promise<void> {
  const measured = await measureAll(protocols);
  const log = await logRuns(measured);
  const business = await withProgressLines('business measures', () => businessSections(measured));
  const sections = measured.map(protocolSection);
  const markdown = [
    '# Model quality',
    '<!-- Written by npm run bench:quality -- report; notes on other code and other machines are added by hand -->',
    'How well clvgraph predicts what customers will spend, beside the methods that are in use, on the same customers ' +
      'as of the same day. First what that is worth to a campaign, then every figure.',
    ...business.parts,
    verdictSection(measured),
    ...sections.map((section) => section.markdown),
    '## Explanations',
    'How faithful the explanations of single predictions are: [explanations.md](explanations.md).',
    methodSection(measured, draws),
    runLogSection(log),
  ];
  const files = [...business.files, ...sections.flatMap((section) => section.files)];
  for (const { path, content } of files) await writeWhole(join(docs, path), content);
  await writeWhole(join(docs, 'quality.md'), `${markdown.filter((part) => part !== '').join('\n\n')}\n`);
  console.log(`${join(docs, 'quality.md')} and ${files.length} plots are written.`);
}

/** What choosing customers by ours would have earned, in the temporal protocols. */
async function businessSections(
  measured: readonly MeasuredProtocol[],
): Promise<{ parts: string[]; files: ReportFile[] }> {
  const parts: string[] = [];
  const files: ReportFile[] = [];
  for (const protocol of measured.filter(({ set }) => set.protocol.labels === 'temporal')) {
    const ours = oursOf(protocol)?.contestant;
    if (!ours) continue;
    const { set } = protocol;
    const path = `quality/${set.protocol.id.toLowerCase()}-profit.svg`;
    // Points and the prior need features; the few customers without them are nobody's choice.
    const actual = set.actual.subarray(0, set.withFeatures);
    const section = await businessSection({
      title: set.protocol.title,
      currency: set.protocol.data.currency,
      actual,
      rankings: [
        { name: 'clvgraph', scores: ours.runs[0]!.expected.subarray(0, set.withFeatures), isForecast: true },
        { name: 'prior alone', scores: priorValues(protocol), isForecast: true },
        { name: 'RFM points', scores: rfm(protocol), isForecast: false },
      ],
      plotPath: path,
    });
    parts.push(section.markdown.trim());
    files.push({ path, content: section.svg });
  }
  return { parts: parts.length > 0 ? ['## What a campaign earns', ...parts] : [], files };
}

function priorValues({ set }: MeasuredProtocol): Float64Array {
  const logValue = set.column('prior_log_value');
  return set.column('prior_logit').map((logit, i) => sigmoid(logit) * Math.exp(logValue[i]!));
}

function rfm({ set }: MeasuredProtocol): Float64Array {
  return rfmScores({
    recencyDays: set.column('f_days_since_last'),
    frequency: set.column('f_repeat_days'),
    monetary: set.column('f_mean_occasion_value'),
  });
}
