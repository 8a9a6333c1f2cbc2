import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { currencyPattern } from './currency.js';
import { latestAsOf, startOfDay } from './days.js';
import { longestHorizonDays } from './ml/features/horizon-limits.js';

interface Setting<T extends z.ZodType> {
  /** Name of the environment variable. */
  readonly env: string;
  readonly schema: T;
  readonly description: string;
  readonly secret: boolean;
}

const setting = <T extends z.ZodType>(env: string, schema: T, description: string, secret = false): Setting<T> => ({
  env,
  schema,
  description,
  secret,
});

const integer = (minimum: number, maximum: number) => {
  const message = `must be a whole number from ${minimum} to ${maximum}`;
  return z.coerce.number(message).int(message).min(minimum, message).max(maximum, message);
};

/** An origin as browsers send it. With a path or a slash at its end, it would let no page in. */
const origin = /^(\*|null|[a-z][a-z\d+.-]*:\/\/[^/?#@\sA-Z]+)$/;

/** The user's home folder. Without HOME and an entry in the list of users, as with a bare user number, it is the one of containers. */
function homeFolder(): string {
  try {
    return homedir();
  } catch {
    return '/';
  }
}

/** Every setting of the system. Values come from the environment, then from `.env`, then from the default here. */
export const settings = {
  databaseUrl: setting(
    'DATABASE_URL',
    z
      .string()
      .regex(/^postgres(ql)?:\/\//, 'must start with postgres://')
      .optional(),
    'Postgres 15 or newer to keep everything in; without it an embedded Postgres is started',
    true,
  ),
  databasePoolSize: setting('CLVGRAPH_DATABASE_POOL', integer(2, 200).default(10), 'connections per process'),
  dataDirectory: setting(
    'CLVGRAPH_DATA_DIR',
    z.string().min(1).default('.clvgraph'),
    'folder of the embedded Postgres, relative to the current one',
  ),
  host: setting('HOST', z.string().min(1).default('127.0.0.1'), 'address to listen on; 0.0.0.0 for all'),
  port: setting('PORT', integer(0, 65_535).default(4000), 'port to listen on'),
  logLevel: setting(
    'CLVGRAPH_LOG_LEVEL',
    z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('warn'),
    'least level that is logged',
  ),
  engine: setting('CLVGRAPH_ENGINE', z.enum(['auto', 'onnx', 'tensorflow']).default('auto'), 'what executes the model'),
  device: setting(
    'CLVGRAPH_DEVICE',
    z.enum(['auto', 'cpu', 'webgpu', 'cuda']).default('auto'),
    'where the model is executed; auto takes a real GPU if there is one',
  ),
  threads: setting('CLVGRAPH_THREADS', integer(0, 256).default(0), 'CPU threads per process for the model; 0 for all'),
  workers: setting('CLVGRAPH_WORKERS', integer(0, 64).default(1), 'worker processes that `start` launches'),
  base: setting(
    'CLVGRAPH_BASE',
    z.string().min(1).default('built-in'),
    'pretrained model to fine-tune: built-in, a folder in Hugging Face layout, or a name on the hub, owner/name@revision',
  ),
  baseFolder: setting(
    'CLVGRAPH_BASE_FOLDER',
    z.string().min(1).optional(),
    'folder whose folders requests of the API may name as pretrained models, on all machines; without it they may name none',
  ),
  hubEndpoint: setting(
    'HF_ENDPOINT',
    z
      .url({ protocol: /^https?$/, error: 'must be an address that starts with https:// or http://' })
      .refine((url) => !/^\w+:\/\/[^/]*@/.test(url), 'must not hold a user or password: HF_TOKEN is for that')
      .default('https://huggingface.co'),
    'hub, or mirror of it, that models given by name are downloaded from',
  ),
  hubToken: setting(
    'HF_TOKEN',
    z
      .string()
      .regex(/^[\x21-\x7e]+$/, 'must be one word of ASCII')
      .optional(),
    'access token for models that are not public',
    true,
  ),
  hubCache: setting(
    'HF_HUB_CACHE',
    z
      .string()
      .min(1)
      .default(join(homeFolder(), '.cache', 'huggingface', 'hub')),
    "folder that keeps downloaded models, shared with Hugging Face's Python libraries where they use it (HF_HOME is not read)",
  ),
  horizonDays: setting(
    'CLVGRAPH_HORIZON_DAYS',
    integer(1, longestHorizonDays).default(365),
    'horizon of scored predictions',
  ),
  asOf: setting(
    'CLVGRAPH_AS_OF',
    z
      .union([z.literal('auto'), z.iso.date(), z.iso.datetime()], 'must be auto or a date like 2026-11-01')
      .refine((asOf) => asOf === 'auto' || startOfDay(new Date(asOf)) <= latestAsOf(), 'is yet to come')
      .default('auto'),
    'as-of date of served predictions; auto is today or, if the last purchase was more than 60 days ago, the date of the ' +
      "active model's last scoring, else the day after that purchase",
  ),
  currency: setting(
    'CLVGRAPH_CURRENCY',
    z.string().regex(currencyPattern, 'must be three capital letters').default('USD'),
    'currency of orders that name none',
  ),
  demoCustomers: setting(
    'CLVGRAPH_DEMO_CUSTOMERS',
    integer(0, 1_000_000).default(2_000),
    'size of the demo shop that `start` loads into an empty database; 0 for none',
  ),
  rateLimit: setting(
    'CLVGRAPH_RATE_LIMIT',
    integer(0, 10_000_000).default(30_000),
    'requests a minute of one API key, per API process; 0 for no limit',
  ),
  maxQueryCost: setting(
    'CLVGRAPH_MAX_QUERY_COST',
    integer(1, 1_000_000_000).default(100_000),
    'highest cost of a query: its fields, times `first` of the lists that they are in',
  ),
  corsOrigins: setting(
    'CLVGRAPH_CORS_ORIGINS',
    z
      .string()
      .default('')
      .transform((list) => list.split(',').flatMap((part) => part.trim() || []))
      .refine(
        (origins) => origins.every((given) => origin.test(given)),
        'must be origins such as https://crm.example.com, in small letters, without a path and a slash at the end',
      ),
    'comma-separated origins that browsers may call from',
  ),
} as const;

export type SettingName = keyof typeof settings;
