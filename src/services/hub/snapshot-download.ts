import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ClvError } from '../../errors.js';
import { type JobHooks, type ProgressReporter, silentProgress } from '../../progress.js';
import { whyUnwritable } from '../../unwritable.js';
import { downloadFile, isWhole } from './download-file.js';
import { describeFile, type HubFile, unknownModel } from './hub-files.js';
import type { HubSettings } from './hub-request.js';
import { defaultRetries, type RetryPolicy, TransientError } from './retries.js';
import type { HubModelName } from './model-name.js';

export interface DownloadHooks extends Partial<JobHooks> {
  readonly retries?: RetryPolicy;
}

/** What a kind of model consists of. */
export interface SnapshotPlan {
  /** Small files that every such model has. By the first it is found out whether the model exists. */
  readonly files: readonly [string, ...string[]];
  /** Whether the weights that loading needs are in the folder. */
  hasWeights(folder: string): boolean | Promise<boolean>;
  /** Describes the weights, once the files are in the folder; refuses a model of another kind. */
  weights(download: SnapshotDownload, folder: string): Promise<readonly HubFile[]>;
  /** For messages: what to do if the model lacks a file. */
  readonly mend: string;
  /** For messages: what to do without a network. */
  readonly offline: string;
}

/** Most bytes of a file other than weights: several times the largest vocabulary. */
const mostSmallBytes = 64 * 1024 * 1024;

/**
 * Downloads a model's files in the layout of Hugging Face's cache (`models--<owner>--<name>/snapshots/<commit>`, files by content in
 * `blobs`), and returns the folder. A revision that is complete is used without asking the hub; otherwise what is missing is downloaded.
 * @throws ClvError NOT_FOUND, FORBIDDEN, HUB_UNAVAILABLE, CHECKPOINT_INVALID
 */
export async function downloadSnapshot(
  name: HubModelName,
  settings: HubSettings,
  plan: SnapshotPlan,
  hooks: DownloadHooks,
): Promise<string> {
  const repository = path.join(settings.hubCache, `models--${name.id.replaceAll('/', '--')}`);
  const cached = await cachedSnapshot(repository, name.revision, plan);
  if (cached) return cached;
  try {
    return await new SnapshotDownload(name, settings, repository, plan, hooks).run();
  } catch (error) {
    if (error instanceof TransientError) throw unavailable(name, settings, plan, error);
    throw asUnwritable(error, settings) ?? error;
  }
}

export class SnapshotDownload {
  private readonly retries: RetryPolicy;
  private readonly progress: ProgressReporter;
  /** The model at its commit, once known, so that all files are of the same one. */
  private pinned: HubModelName;

  constructor(
    readonly name: HubModelName,
    private readonly settings: HubSettings,
    private readonly repository: string,
    private readonly plan: SnapshotPlan,
    private readonly hooks: DownloadHooks,
  ) {
    this.retries = hooks.retries ?? defaultRetries;
    this.progress = hooks.progress ?? silentProgress;
    this.pinned = name;
  }

  async run(): Promise<string> {
    const [first, ...others] = this.plan.files;
    const config = await this.describe(first);
    if (!config) throw unknownModel(this.settings, this.name.id);
    this.pinned = { ...this.name, revision: config.commit ?? this.name.revision };
    const folder = snapshotFolder(this.repository, this.pinned.revision);
    const small = [config, ...(await Promise.all(others.map((file) => this.required(file))))];
    for (const file of small) await this.fetch(file, folder);
    const weights = await this.plan.weights(this, folder);
    const total = weights.reduce((sum, { size = 0 }) => sum + size, 0);
    let done = 0;
    for (const file of weights) {
      await this.fetch(file, folder, { done, total });
      done += file.size ?? 0;
    }
    if (this.pinned.revision !== this.name.revision) await this.rememberCommit();
    return folder;
  }

  describe(file: string): Promise<HubFile | undefined> {
    return describeFile(this.settings, this.pinned, file, { retries: this.retries, signal: this.hooks.signal });
  }

  async required(file: string): Promise<HubFile> {
    const described = await this.describe(file);
    if (described) return described;
    throw new ClvError(
      'CHECKPOINT_INVALID',
      `${this.name.id} has no ${file} at ${this.settings.hubEndpoint}. ${this.plan.mend}`,
    );
  }

  /** @param share bytes of the weights that are downloaded, and of all of them; undefined for a small file */
  async fetch(file: HubFile, folder: string, share?: { readonly done: number; readonly total: number }): Promise<void> {
    const { done, total } = share ?? { done: 0, total: Infinity };
    this.hooks.signal?.throwIfAborted();
    const target = path.join(folder, file.name);
    await mkdir(path.dirname(target), { recursive: true });
    const blob = path.join(this.repository, 'blobs', file.etag);
    if (!(await isWhole(file, blob))) {
      const size = file.size === undefined ? '' : ` of ${megabytes(file.size)}`;
      await downloadFile(this.settings, file, blob, {
        most: share ? Infinity : mostSmallBytes,
        retries: this.retries,
        signal: this.hooks.signal,
        onBytes: (bytes) =>
          this.progress.report(
            `downloading ${this.name.id}, ${file.name}: ${megabytes(bytes)}${size} MB`,
            Math.min((done + bytes) / Math.max(total, 1), 1),
          ),
      });
    }
    await link(blob, target);
  }

  /** Comes last, since the revision then counts as complete. */
  private async rememberCommit(): Promise<void> {
    const reference = referenceFile(this.repository, this.name.revision);
    await mkdir(path.dirname(reference), { recursive: true });
    const temporary = `${reference}.${randomUUID()}`;
    await writeFile(temporary, this.pinned.revision);
    await rename(temporary, reference);
  }
}

/** The revision's folder, if it has everything that loading needs. */
async function cachedSnapshot(repository: string, revision: string, plan: SnapshotPlan): Promise<string | undefined> {
  const commit = await readFile(referenceFile(repository, revision), 'utf8').catch(() => revision);
  const folder = snapshotFolder(repository, commit.trim());
  if (!plan.files.every((file) => existsSync(path.join(folder, file)))) return undefined;
  return (await plan.hasWeights(folder)) ? folder : undefined;
}

function referenceFile(repository: string, revision: string): string {
  return path.join(repository, 'refs', revision);
}

function snapshotFolder(repository: string, commit: string): string {
  return path.join(repository, 'snapshots', commit);
}

/**
 * Makes a link, as Python's libraries do, or a copy where the system allows no links. An existing one is replaced at once, since another
 * process may be reading it.
 */
async function link(blob: string, file: string): Promise<void> {
  const temporary = `${file}.${randomUUID()}`;
  await symlink(path.relative(path.dirname(file), blob), temporary).catch(() => copyFile(blob, temporary));
  await rename(temporary, file);
}

function unavailable(
  { id }: HubModelName,
  { hubEndpoint, hubCache }: HubSettings,
  { offline }: SnapshotPlan,
  error: TransientError,
): ClvError {
  return new ClvError(
    'HUB_UNAVAILABLE',
    `${id} cannot be downloaded from ${hubEndpoint}: ${error.message}. Without a network, ${offline}, or fill the cache ` +
      `${hubCache} on another machine. HF_ENDPOINT names a mirror.`,
    { cause: error },
  );
}

function asUnwritable(error: unknown, { hubCache }: HubSettings): ClvError | undefined {
  const code = whyUnwritable(error);
  if (!code) return undefined;
  return new ClvError(
    'CONFIG_INVALID',
    `The cache ${hubCache} cannot be written (${code}). Make room for it, or choose another folder with HF_HUB_CACHE.`,
    { cause: error },
  );
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
