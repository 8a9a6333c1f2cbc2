import { Command, Option } from 'commander';
import { env } from 'onnxruntime-node';
import { wholeNumber } from '../../../src/cli/run-options.js';
import { createEngine } from '../../../src/ml/engine/create-engine.js';
import type { Engine } from '../../../src/ml/engine/engine.js';
import { environment } from '../results.js';
import { measureColdStart, measureMemory } from './children.js';
import { measureExplaining } from './explaining.js';
import { measureFloor } from './floor.js';
import { keep, type MeasuredLine, nameOf } from './measures.js';
import { checkPython, Peer, python, requirements } from './peer.js';
import { type Clock, roundsOf } from './rounds.js';
import { measureScoring, precisions, scoringVariants } from './scoring.js';
import { lengths, makeSubject, type Size, sizes, type Subject } from './subject.js';
import { measureTraining, variants } from './training.js';

const kinds = ['floor', 'training', 'scoring', 'explaining', 'cold', 'memory'] as const;
type Kind = (typeof kinds)[number];

interface Flags {
  readonly quick: boolean;
  readonly only: readonly Kind[];
  readonly size: readonly Size[];
  readonly length: readonly number[];
  readonly peer: readonly string[];
  readonly strategy: readonly ('FULL' | 'LORA' | 'HEAD')[];
  readonly processorTime: boolean;
}

/** Seconds that one round of training takes on our side. */
const roundSeconds = 0.5;
/** Quadrature steps of explanations: with which they start. */
const explanationSteps = 8;
const memorySteps = 20;

const tokenCounts = (text: string, before: readonly number[]): number[] => [...before, wholeNumber(1, 9_999)(text)];

/** Training, scoring and explaining beside PyTorch, transformers, peft and Captum. */
export function command(): Command {
  return new Command('engine')
    .description('our engine beside PyTorch; what is measured again takes the place of earlier figures')
    .option('--quick', 'one size, one length, three rounds', false)
    .addOption(new Option('--only <kinds...>', 'some kinds only').choices(kinds).default([], 'all'))
    .addOption(new Option('--size <sizes...>', 'some sizes only').choices(sizes).default([], 'all'))
    .addOption(new Option('--length <tokens...>', 'some lengths only').argParser(tokenCounts).default([], 'all'))
    .addOption(new Option('--peer <variants...>', 'some ways to run the peer only').default([], 'all'))
    .addOption(
      new Option('--strategy <strategies...>', 'some only').choices(['FULL', 'LORA', 'HEAD']).default([], 'all'),
    )
    .option('--processor-time', 'one thread each, by processor time: for a machine that others use as well', false)
    .action((flags: Flags) => run(flags));
}

type Planned = { readonly name: string; readonly measure: () => Promise<MeasuredLine> };

const threadsOf = ({ processorTime }: Flags): number => (processorTime ? 1 : 2);

async function run(flags: Flags): Promise<void> {
  const threads = threadsOf(flags);
  checkPython(python, requirements);
  const engine = await createEngine({ engine: 'onnx', device: 'cpu', threads });
  const peer = new Peer(threads);
  try {
    const versions = await peer.ask<Record<string, string>>({ do: 'versions' });
    const about = {
      environment: environment({ onnxruntime: env.versions.node ?? 'unknown', ...versions }),
    };
    if (includes(flags.only, 'floor'))
      await keep({ ...about, floor: await measureFloor(engine, peer), parameters: {}, encoders: {} }, []);
    for (const size of flags.quick ? ['base' as const] : sizes.filter((name) => includes(flags.size, name))) {
      const subject = await makeSubject(size);
      const parameters = { [size]: Object.values(subject.weights).reduce((sum, { data }) => sum + data.length, 0) };
      for (const { name, measure } of plan(engine, peer, subject, flags)) {
        const line = await measure();
        await keep({ ...about, parameters, encoders: { [size]: subject.encoder } }, [line]);
        console.log(`${name}: ${outcomeOf(line)}`);
      }
    }
  } finally {
    await peer.close();
    await engine.dispose();
  }
}

function includes<T>(chosen: readonly T[], one: T): boolean {
  return chosen.length === 0 || chosen.includes(one);
}

function outcomeOf({ result, failed }: MeasuredLine): string {
  if (!result) return `no figure: ${failed}`;
  const { ours, theirs, ratio } = result;
  return `${ours.median.toFixed(3)} against ${theirs.median.toFixed(3)}, ${ratio.median.toFixed(2)} times`;
}

function plan(engine: Engine, peer: Peer, subject: Subject, flags: Flags): Planned[] {
  const rounds = roundsOf(flags.quick);
  const { size } = subject;
  const clock: Clock = flags.processorTime ? 'processor' : 'wall';
  const threads = threadsOf(flags);
  const chosenLengths = flags.quick ? [64] : lengths.filter((length) => includes(flags.length, length));
  const planned: Planned[] = [];
  const add = (line: MeasuredLine, measure: () => Promise<MeasuredLine['result']>): void => {
    if (!includes(flags.only, line.kind)) return;
    if ('variant' in line && !includes(flags.quick ? ['eager'] : flags.peer, line.variant as string)) return;
    if ('strategy' in line && !includes(flags.strategy, line.strategy)) return;
    planned.push({ name: nameOf(line), measure: () => measured(line, measure) });
  };
  const date = new Date().toISOString();

  for (const length of chosenLengths) {
    for (const strategy of ['FULL', 'LORA', 'HEAD'] as const) {
      // The peer's other ways are measured where they matter most.
      for (const variant of strategy === 'FULL' ? variants : (['eager'] as const)) {
        add({ kind: 'training', size, length, clock, threads, date, strategy, variant }, () =>
          measureTraining(
            engine,
            peer,
            subject,
            { strategy, length, variant },
            { rounds, seconds: roundSeconds, clock },
          ),
        );
      }
    }
    for (const precision of precisions) {
      for (const variant of precision === 'INT8' ? (['pipeline', 'eager'] as const) : scoringVariants) {
        const count = size === 'base' ? 480 : 96;
        add({ kind: 'scoring', size, length, clock, threads, date, precision, variant }, () =>
          measureScoring(engine, peer, subject, { length, variant, precision }, { rounds, count, clock }),
        );
      }
    }
    add({ kind: 'explaining', size, length, clock, threads, date }, () =>
      measureExplaining(engine, peer, subject, { length, steps: explanationSteps }, { rounds, clock }),
    );
  }
  if (flags.processorTime) return planned;
  const length = 64;
  add({ kind: 'cold', size, length, clock, threads, date }, () => measureColdStart(subject, length, rounds));
  add({ kind: 'memory', size, length, clock, threads, date }, () =>
    measureMemory(subject, { length, steps: memorySteps }, rounds),
  );
  return planned;
}

/** A peer that cannot do it has a line that says so, and costs the others nothing. */
async function measured(line: MeasuredLine, measure: () => Promise<MeasuredLine['result']>): Promise<MeasuredLine> {
  try {
    return { ...line, result: await measure() } as MeasuredLine;
  } catch (error) {
    return { ...line, failed: error instanceof Error ? error.message : String(error) };
  }
}
