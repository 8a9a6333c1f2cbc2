import { type Environment, readOwnResults, writeResults } from '../results.js';
import type { ColdStart, Memory } from './children.js';
import type { ExplainingResult } from './explaining.js';
import type { Clock } from './rounds.js';
import type { Floor } from './floor.js';
import type { Precision, ScoringResult, ScoringVariant } from './scoring.js';
import type { Size } from './subject.js';
import type { TrainingResult, Variant } from './training.js';
import type { EncoderSpec, Strategy } from '../../../src/ml/model/spec.js';

/** One measured line; `failed` says why there is no figure. */
interface Line<Kind extends string, Result> {
  readonly kind: Kind;
  readonly size: Size;
  readonly length: number;
  readonly clock: Clock;
  readonly threads: number;
  readonly date: string;
  readonly result?: Result;
  readonly failed?: string;
}

type TrainingLine = Line<'training', TrainingResult> & {
  readonly strategy: Strategy;
  readonly variant: Variant;
};
type ScoringLine = Line<'scoring', ScoringResult> & {
  readonly precision: Precision;
  readonly variant: ScoringVariant;
};
type ExplainingLine = Line<'explaining', ExplainingResult>;
type ColdLine = Line<'cold', ColdStart>;
type MemoryLine = Line<'memory', Memory>;
export type MeasuredLine = TrainingLine | ScoringLine | ExplainingLine | ColdLine | MemoryLine;

/** Content of `docs/benchmarks/speed/engine.json`. */
export interface EngineResults {
  readonly environment: Environment;
  readonly floor?: Floor;
  /** Number of weights of a model. */
  readonly parameters: Readonly<Partial<Record<Size, number>>>;
  readonly encoders: Readonly<Partial<Record<Size, EncoderSpec>>>;
  readonly lines: readonly MeasuredLine[];
}

export function nameOf(line: MeasuredLine): string {
  const parts = 'strategy' in line ? [line.strategy] : 'precision' in line ? [line.precision] : [];
  return [line.kind, line.clock, line.size, line.length, ...parts, ...('variant' in line ? [line.variant] : [])].join(
    ' ',
  );
}

/** Puts new figures in the place of earlier ones of the same name; the others stay. */
export async function keep(changes: Omit<EngineResults, 'lines'>, lines: readonly MeasuredLine[]): Promise<void> {
  const before = await readOwnResults<EngineResults>('engine', changes.environment);
  const names = new Set(lines.map(nameOf));
  const kept = (before?.lines ?? []).filter((line) => !names.has(nameOf(line)));
  await writeResults('engine', {
    ...before,
    ...changes,
    parameters: { ...before?.parameters, ...changes.parameters },
    encoders: { ...before?.encoders, ...changes.encoders },
    lines: [...kept, ...lines].sort((a, b) => nameOf(a).localeCompare(nameOf(b), 'en', { numeric: true })),
  });
}
