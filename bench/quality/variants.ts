import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DataSource, EntityManager } from 'typeorm';
import { Snapshot } from '../../src/entities/index.js';
import { ClvError } from '../../src/errors.js';
import type { BtydPrior } from '../../src/ml/features/prior/fit-prior.js';
import type { Scaler } from '../../src/ml/features/scaler.js';
import { saveCheckpoint } from '../../src/ml/model/save-checkpoint.js';
import { initialiseEncoder } from '../../src/ml/model/weights.js';
import { builtInBase, loadBase } from '../../src/services/models/base-checkpoint.js';
import type { FineTuningInput } from '../../src/services/fine-tuning/fine-tuning.types.js';
import type { SnapshotContent } from '../../src/services/preprocessing/snapshots.service.js';
import { benchConfig, ours, type Variant } from './ours.js';
import { workFolder } from './work-folder.js';

/** The prior answers; for simulated shops, too. */
export const priorOnly: Variant = { name: 'prior-only', priorOnly: true };

/**
 * What is left of our model without one of its parts. The product knows nothing of this: the parts are taken out of the
 * snapshot that its services train on, and out of the customers that they score.
 */
export const ablations: readonly Variant[] = [
  {
    name: 'text-only',
    snapshot: (training, id) =>
      alteredSnapshot(training, id, 'text-only', (stored) => withoutPrior(withoutNumbers(stored))),
  },
  {
    name: 'numbers-only',
    snapshot: (training, id) => alteredSnapshot(training, id, 'numbers-only', (stored) => stored, { narrative: false }),
    row: (row) => ({ ...row, narrative: [] }),
  },
  priorOnly,
  {
    name: 'no-prior',
    snapshot: (training, id) => alteredSnapshot(training, id, 'no-prior', withoutPrior),
  },
  { name: 'base-not-pretrained', settings: async () => ({ base: await randomBase() }) },
  { name: 'mse', settings: async () => ({ objective: 'MSE' as const }) },
];

export const ablationTitles: Readonly<Record<string, string>> = {
  'text-only': 'text only (narrative; no numeric tokens, no prior)',
  'numbers-only': 'numbers only (numeric tokens and prior; no narrative)',
  'prior-only': 'prior only (no network)',
  'no-prior': 'no prior (narrative and numeric tokens)',
  'base-not-pretrained': 'base checkpoint not pretrained',
  mse: 'MSE instead of ZILN',
};

/**
 * Our model, or under another name the same on another pretrained base.
 * @throws ClvError BAD_USER_INPUT for a name without a base or the reverse, a strategy without them, and a name that is taken
 */
export function oursOrOnBase({
  name,
  ...settings
}: Pick<FineTuningInput, 'base' | 'strategy'> & { readonly name?: string }): Variant {
  if (name === undefined && settings.base === undefined && settings.strategy === undefined) return ours;
  if (name === undefined || settings.base === undefined) {
    const rule = '--base and --name go together, and --strategy with both';
    throw new ClvError('BAD_USER_INPUT', `${rule}: ours is the product with its defaults.`);
  }
  if ([ours, ...ablations].some((known) => known.name === name)) {
    throw new ClvError('BAD_USER_INPUT', `The tables have a model of another kind that is called ${name}.`);
  }
  const { base, strategy } = settings;
  return { name, settings: async () => ({ base, strategy }) };
}

/** What a snapshot keeps beside its rows. */
interface StoredFit {
  readonly scaler: Scaler;
  readonly prior: BtydPrior;
  readonly windows: readonly { readonly prior: BtydPrior }[];
}

/** A copy of the snapshot with something taken out; made once for each variant. */
async function alteredSnapshot(
  training: DataSource,
  snapshotId: string,
  variant: string,
  alter: (stored: StoredFit) => StoredFit,
  { narrative = true }: { narrative?: boolean } = {},
): Promise<string> {
  const mark = { variant, of: snapshotId };
  const [made] = await training.query<{ id: string }[]>('select id from snapshot where options @> $1::jsonb', [mark]);
  if (made) return made.id;
  return training.transaction(async (manager) => {
    const { id: _, ...snapshot } = await manager.findOneByOrFail(Snapshot, { id: snapshotId });
    const { scaler, prior, spend, dailyValues } = snapshot.scaler as object as Omit<StoredFit, 'windows'> &
      Pick<SnapshotContent, 'spend' | 'dailyValues'>;
    const altered = alter({ scaler, prior, windows: snapshot.windows as StoredFit['windows'] });
    const copy = await manager.save(
      manager.create(Snapshot, {
        ...snapshot,
        options: mark,
        // The bound beyond the learnt horizon is that of the unaltered prior.
        scaler: { scaler: altered.scaler, prior: altered.prior, spend, outlook: [], dailyValues },
        windows: [...altered.windows],
      }),
    );
    await copyRows(manager, snapshotId, copy.id, narrative);
    return copy.id;
  });
}

async function copyRows(manager: EntityManager, from: string, to: string, narrative: boolean): Promise<void> {
  await manager.query(
    `insert into snapshot_row (snapshot_id, "window", customer_id, split, features, narrative, label)
     select $2::bigint, "window", customer_id, split, features, ${narrative ? 'narrative' : `'[]'::jsonb`}, label
     from snapshot_row where snapshot_id = $1`,
    [from, to],
  );
}

/** Leaves only the tokens of the horizon, which is part of the question, and of the prior. */
function withoutNumbers(stored: StoredFit): StoredFit {
  const { scaler } = stored;
  const features = scaler.features.map((feature) => ({ ...feature, used: false, missingToken: false }));
  return { ...stored, scaler: { ...scaler, features, seasons: false } };
}

/** With priors that say the same of everybody. */
function withoutPrior(stored: StoredFit): StoredFit {
  const windows = stored.windows.map((window) => ({ ...window, prior: sameForEverybody(window.prior) }));
  return { ...stored, prior: sameForEverybody(stored.prior), windows };
}

const certain = 1e7;

/**
 * A prior of the same mean purchase rate r / alpha and mean order value p v / (q - 1), without any spread between
 * customers and with nobody ever leaving: it says the same of everybody, and of each horizon.
 */
export function sameForEverybody(prior: BtydPrior): BtydPrior {
  const { earlier: _, newcomers: __, logNormal: ___, ...alike } = prior;
  const { r, alpha, p, q, v } = alike;
  const meanValue = (p * v) / Math.max(q - 1, 0.1);
  return {
    ...alike,
    r: certain,
    alpha: (certain * alpha) / r,
    a: 1e-12,
    b: 1,
    q: certain,
    firstWeight: 0,
    v: (meanValue * (certain - 1)) / p,
  };
}

/** The built-in base's architecture and vocabulary with random weights. */
async function randomBase(): Promise<string> {
  const folder = join(workFolder, 'base-not-pretrained');
  if (existsSync(join(folder, 'model.safetensors'))) return folder;
  const { spec, tokenizer } = await loadBase(builtInBase, benchConfig());
  await saveCheckpoint(folder, {
    spec,
    weights: initialiseEncoder(spec, 'not pretrained'),
    tokenizer: tokenizer.files,
  });
  return folder;
}
