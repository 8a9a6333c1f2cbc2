import { atLeast, atMost, type Goal } from '../goals.js';
import { readResults } from '../results.js';
import type { EngineResults, MeasuredLine } from './measures.js';
import { sizes, sizeTitles } from './subject.js';

/** Ours over theirs, medians by the wall's clock, from the shortest to the longest texts. */
export async function goals(): Promise<Goal[]> {
  const results = await readResults<EngineResults>('engine');
  if (!results) return [];
  const lines = results.lines.filter(({ clock, result }) => clock === 'wall' && result);
  return sizes.flatMap((size) =>
    goalsOf(
      sizeTitles[size],
      lines.filter((line) => line.size === size),
    ),
  );
}

function goalsOf(size: string, lines: readonly MeasuredLine[]): Goal[] {
  const ratios = (chosen: (line: MeasuredLine) => boolean): number[] =>
    lines.filter(chosen).map(({ result }) => result!.ratio.median);
  const trained = (strategy: string): number[] =>
    ratios((line) => line.kind === 'training' && line.variant === 'eager' && line.strategy === strategy);
  const scored = (precision: string): number[] =>
    ratios((line) => line.kind === 'scoring' && line.variant === 'pipeline' && line.precision === precision);
  return [
    ...atLeast(`${size}: full fine-tune, beside PyTorch eager`, 1, trained('FULL')),
    ...atLeast(`${size}: LoRA, beside PyTorch and peft`, 1, trained('LORA')),
    ...atLeast(`${size}: head only, beside PyTorch`, 1, trained('HEAD')),
    ...atLeast(`${size}: scoring in 8-bit integers, beside transformers’ Pipeline`, 3, scored('INT8')),
    ...atLeast(`${size}: scoring in float32, beside transformers’ Pipeline`, 1.3, scored('FLOAT32')),
    ...atLeast(
      `${size}: explanations at equal steps, beside Captum`,
      1,
      ratios(({ kind }) => kind === 'explaining'),
    ),
    ...atMost(
      `${size}: time from a cold start to the first prediction`,
      0.5,
      ratios(({ kind }) => kind === 'cold'),
    ),
    ...atMost(
      `${size}: peak memory of a full fine-tune`,
      1,
      ratios(({ kind }) => kind === 'memory'),
    ),
  ];
}
