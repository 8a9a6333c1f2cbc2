import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Command, InvalidArgumentError, Option } from 'commander';
import { loadConfig } from '../../../src/config.js';
import { checkPython, python, requirements } from '../engine/peer.js';
import { environment } from '../results.js';
import { openBenchDatabase } from './bench-database.js';
import { keep } from './measures.js';
import type { Effort } from './pages.js';
import { measureExplained, measureStored } from './stored-steps.js';
import { measureTraining, steady } from './training-step.js';
import { measureBurst, measureCold } from './unstored-steps.js';

const steps = {
  stored: measureStored,
  explained: measureExplained,
  cold: measureCold,
  burst: measureBurst,
  training: measureTraining,
};
type Step = keyof typeof steps;
const stepNames = Object.keys(steps) as Step[];

interface Flags {
  readonly quick: boolean;
  readonly only: readonly Step[];
  readonly customers: number;
}

const full: Effort = { rounds: 5, seconds: 2, connections: 24 };
const quick: Effort = { rounds: 1, seconds: 2, connections: 24 };

/** The real server beside plain Apollo Server, Mercurius and FastAPI, on one Postgres. */
export function command(): Command {
  return new Command('serving')
    .description('requests a second of the API, beside other servers over the same data')
    .option('--quick', 'one short round of each step', false)
    .option('--customers <n>', 'size of the base, a multiple of 2000', wholeThousands, 100_000)
    .addOption(new Option('--only <step...>', 'these steps').choices(stepNames).default(stepNames))
    .action(run);
}

async function run({ quick: isQuick, only, customers }: Flags): Promise<void> {
  const effort = isQuick ? quick : full;
  // Before minutes of making the shop.
  if (only.includes('stored')) checkPython(python, requirements);
  const { config } = loadConfig();
  await using database = await openBenchDatabase(config, customers);
  const [{ server_version: postgres }] = (await database.query<{ server_version: string }>('show server_version')) as [
    { server_version: string },
  ];
  for (const name of only) {
    console.log(`${name}:`);
    const outcome = await steps[name](database, effort);
    const { connections, seconds } = name === 'training' ? steady : effort;
    const where = environment({ postgres, ...(name === 'stored' && (await peerVersions())) });
    await keep({ [name]: { environment: where, customers, connections, seconds, outcome } });
  }
}

/** Of the Python side, which the other steps do without. */
async function peerVersions(): Promise<Record<string, string>> {
  const names = ['fastapi', 'strawberry-graphql', 'sqlalchemy', 'asyncpg', 'uvicorn', 'uvloop', 'httptools'];
  const code = `import sys, importlib.metadata as m; print(sys.version.split()[0], *[m.version(n) for n in ${JSON.stringify(names)}])`;
  const { stdout } = await promisify(execFile)(python, ['-c', code]);
  const [interpreter = '', ...versions] = stdout.trim().split(' ');
  return { python: interpreter, ...Object.fromEntries(names.map((name, i) => [name, versions[i] ?? ''])) };
}

function wholeThousands(text: string): number {
  const customers = Number(text);
  if (Number.isInteger(customers) && customers >= 2_000 && customers % 2_000 === 0) return customers;
  throw new InvalidArgumentError('It must be a multiple of 2000.');
}
