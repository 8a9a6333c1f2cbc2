import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { reported } from '../../src/cli/reported.js';
import { createEngine } from '../../src/ml/engine/create-engine.js';
import { writeWhole } from '../quality/work-folder.js';
import { checkPython, Peer } from '../speed/engine/peer.js';
import { environment } from '../speed/results.js';
import type { Check } from './check.js';
import { type Target, targets } from './devices.js';
import { type Case, measure, type Measured, peerVariants } from './measure.js';
import { tolerance } from './parity.js';
import { lineOf, report, type TargetResult } from './report.js';

const published = join('docs', 'benchmarks', 'gpu.md');
const unpublished = join('bench', 'gpu', '.work', 'software.md');
/** In the order of preference. */
const pythons = [join('bench', 'gpu', '.venv', 'bin', 'python'), join('bench', '.venv', 'bin', 'python')] as const;

interface Flags {
  readonly allowSoftware: boolean;
  readonly quick: boolean;
}

const program = new Command('bench:gpu')
  .description(`parity with the CPU, then training and scoring beside PyTorch; writes ${published}`)
  .option('--allow-software', `also where there is no GPU: WebGPU on software Vulkan; writes ${unpublished}`, false)
  .option('--quick', 'one size, one batch, three short rounds', false)
  .action(run);
await reported(() => program.parseAsync());

async function run({ allowSoftware, quick }: Flags): Promise<void> {
  const found = targets(allowSoftware);
  if (found.length === 0) {
    console.error(
      'This machine has no GPU that clvgraph could use: nothing was measured. clvgraph doctor says what is missing; ' +
        '--allow-software tries this benchmark on software Vulkan.',
    );
    process.exitCode = 1;
    return;
  }
  const program = pythons.find(existsSync) ?? pythons[0];
  checkPython(program, join('bench', 'gpu', 'requirements.txt'));
  const log: string[] = [];
  const say = (line: string): void => {
    console.log(line);
    log.push(`${new Date().toISOString().slice(11, 19)} ${line}`);
  };
  const results: TargetResult[] = [];
  for (const target of found) {
    const check = await checked(target);
    say(`${check.description}: ${check.sizes.map(parityLine).join('; ')}`);
    for (const { nodes, onCpu, copies } of check.placements) {
      say(`nodes ${JSON.stringify(nodes)}, on the CPU ${JSON.stringify(onCpu)}, copies ${copies}`);
    }
    const isEqual = check.sizes.every(({ parity }) => Object.values(parity).every((one) => one < tolerance));
    if (isEqual) results.push({ target, check, ...(await measureAll(target, program, quick, say)) });
    else {
      say(`${target.device} does not compute what the CPU computes (tolerance ${tolerance}): it is not timed.`);
      results.push({ target, check, peer: {}, lines: [] });
      process.exitCode = 1;
    }
  }
  const file = found.every(({ isReal }) => isReal) ? published : unpublished;
  await writeWhole(file, report(results, environment(), log));
  console.log(`${file} is written.`);
}

function parityLine({ size, parity }: Check['sizes'][number]): string {
  const { forward, gradients, training } = parity;
  return `${size}: forward ${forward.toExponential(1)}, gradients ${gradients.toExponential(1)}, 20 steps ${training.toExponential(1)}`;
}

/** In a process of its own, without TF32: that would round products to 10 bits, and parity is about the code. */
async function checked({ device }: Target): Promise<Check> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [fileURLToPath(new URL('./check.js', import.meta.url)), device],
    { env: { ...process.env, NVIDIA_TF32_OVERRIDE: '0' }, maxBuffer: 1 << 24 },
  );
  return JSON.parse(stdout) as Check;
}

async function measureAll(
  target: Target,
  program: string,
  quick: boolean,
  say: (line: string) => void,
): Promise<Pick<TargetResult, 'peer' | 'lines'>> {
  const engine = await createEngine({ engine: 'onnx', device: target.device });
  const peer = new Peer(environment().cores, {
    program,
    script: join('bench', 'gpu', 'peer.py'),
    environment: { PEER_DEVICE: target.isReal ? 'cuda' : 'cpu' },
  });
  const lines: Measured[] = [];
  try {
    const versions = await peer.ask<Record<string, string>>({ do: 'versions' });
    say(`PyTorch: ${JSON.stringify(versions)}`);
    for (const one of cases(target, quick)) {
      const line = await measure(engine, peer, one, effort(target, quick));
      say(lineOf(line));
      lines.push(line);
    }
    return { peer: versions, lines };
  } finally {
    await peer.close();
    await engine.dispose();
  }
}

function effort({ isReal }: Target, quick: boolean): { rounds: number; seconds: number } {
  if (!isReal) return { rounds: 2, seconds: 0.1 };
  return quick ? { rounds: 3, seconds: 0.5 } : { rounds: 5, seconds: 2 };
}

/** In software only what shows that the benchmark works. */
function cases({ isReal }: Target, quick: boolean): Case[] {
  const tasks = ['training', 'scoring'] as const;
  if (!isReal) return tasks.map((task) => ({ task, size: 'base', batch: 8, length: 32, variant: 'float32' }));
  const sizes = quick ? (['base'] as const) : (['base', 'minilm'] as const);
  const batches = quick ? [32] : [32, 256];
  const variants = quick ? (['float32'] as const) : peerVariants;
  return sizes.flatMap((size) =>
    tasks.flatMap((task) =>
      batches.flatMap((batch) => variants.map((variant) => ({ task, size, batch, length: 128, variant }))),
    ),
  );
}
