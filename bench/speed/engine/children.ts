import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ClvError } from '../../../src/errors.js';
import { type Spread, spreadOf } from '../results.js';
import { Peer, python, pythonFolder } from './peer.js';
import { type Compared, compare } from './rounds.js';
import { scoringRows } from './scoring.js';
import { type Subject, trainingBatches } from './subject.js';

/** Seconds from starting a process to its first prediction. */
export type ColdStart = Compared;

export interface Memory {
  /** Largest resident set of a process that fine-tunes, in bytes. */
  readonly ours: Spread;
  readonly theirs: Spread;
  readonly ratio: Spread;
}

/** Seconds until a process prints its first line, its prediction. */
async function secondsToAnswer(program: string, args: readonly string[]): Promise<number> {
  const { line, seconds } = await firstLine(program, args);
  if (!line.includes('value')) throw new ClvError('INTERNAL', `${program} printed no prediction: ${line}`);
  return seconds;
}

interface FirstLine {
  readonly line: string;
  /** From the start of the process to the line. */
  readonly seconds: number;
}

/**
 * The first line that a process prints. Waits for its end: what it does after the line must not be in the way of the
 * next one, and Linux counts its processor time as its parent's only then.
 */
export function firstLine(program: string, args: readonly string[]): Promise<FirstLine> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let first: FirstLine | undefined;
    createInterface(child.stdout).once('line', (line) => {
      first = { line, seconds: (performance.now() - started) / 1_000 };
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (first && code === 0) resolve(first);
      else reject(new ClvError('INTERNAL', `${program} ended with status ${code}.`));
    });
  });
}

const script = (name: string): string => fileURLToPath(new URL(`./${name}.js`, import.meta.url));

/** Cold processes of both sides by turns: imports, engine, tokenizer, weights, one narrative. */
export async function measureColdStart(subject: Subject, length: number, rounds: number): Promise<ColdStart> {
  const { files } = await scoringRows(64);
  const told = JSON.stringify({ ...subject.told, ...files, length });
  const compared = await compare(
    () => secondsToAnswer(process.execPath, [script('cold'), told]),
    () => secondsToAnswer(python, [`${pythonFolder}/peer_cold.py`, told]),
    { rounds, pids: [] },
  );
  return compared;
}

/** Fresh processes of both sides by turns, each of which takes some steps of a full fine-tune. */
export async function measureMemory(
  subject: Subject,
  { length, steps }: { length: number; steps: number },
  rounds: number,
): Promise<Memory> {
  const { files } = await trainingBatches(subject, length, 4);
  const job = JSON.stringify({ size: subject.size, length, steps });
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const { line } = await firstLine(process.execPath, [script('memory'), job]);
    ours.push((JSON.parse(line) as { bytes: number }).bytes);
    theirs.push(await theirPeak(subject, files, steps));
  }
  return {
    ours: spreadOf(ours),
    theirs: spreadOf(theirs),
    ratio: spreadOf(ours.map((bytes, i) => bytes / theirs[i]!)),
  };
}

async function theirPeak(subject: Subject, batches: readonly string[], steps: number): Promise<number> {
  const peer = new Peer();
  try {
    await peer.ask({ do: 'load', id: 'training', task: 'training', subject: subject.told, strategy: 'FULL' });
    await peer.ask({ do: 'train', id: 'training', batches, steps });
    return (await peer.ask<{ bytes: number }>({ do: 'memory' })).bytes;
  } finally {
    await peer.close();
  }
}
