interface MicroBatcherOptions {
  /** How long the first call of a batch waits for others. */
  readonly waitMs: number;
  /** A batch with so many keys waits no longer. */
  readonly maxSize: number;
  /** Most batches that run at the same time; meanwhile calls are gathered for the next one. No limit where not given. */
  readonly concurrency?: number;
}

interface Call<Key, Value> {
  readonly keys: readonly Key[];
  resolve(values: Value[]): void;
  reject(error: unknown): void;
}

/**
 * Joins calls that come shortly after one another, from all requests that share it, into one. Unlike a DataLoader it keeps no answers, so
 * that it can live as long as the process.
 */
export class MicroBatcher<Key, Value> {
  private calls: Call<Key, Value>[] = [];
  private size = 0;
  private running = 0;
  private timer: NodeJS.Timeout | undefined;

  /** @param run returns the values of keys, in their order; if it fails, every call in the batch fails */
  constructor(
    private readonly run: (keys: readonly Key[]) => Promise<readonly Value[]>,
    private readonly options: MicroBatcherOptions,
  ) {}

  /** The keys' values, in their order. The keys of one call stay in one batch. */
  load(keys: readonly Key[]): Promise<Value[]> {
    return new Promise((resolve, reject) => {
      this.calls.push({ keys, resolve, reject });
      this.size += keys.length;
      this.schedule();
    });
  }

  private schedule(): void {
    const { waitMs, maxSize, concurrency = Infinity } = this.options;
    if (this.calls.length === 0 || this.running >= concurrency) return;
    if (this.size >= maxSize) void this.flush();
    else this.timer ??= setTimeout(() => void this.flush(), waitMs);
  }

  private async flush(): Promise<void> {
    clearTimeout(this.timer);
    const { calls } = this;
    this.timer = undefined;
    this.calls = [];
    this.size = 0;
    this.running++;
    try {
      const values = await this.run(calls.flatMap(({ keys }) => keys));
      let start = 0;
      for (const { keys, resolve } of calls) resolve(values.slice(start, (start += keys.length)));
    } catch (error) {
      for (const { reject } of calls) reject(error);
    } finally {
      this.running--;
      this.schedule();
    }
  }
}
