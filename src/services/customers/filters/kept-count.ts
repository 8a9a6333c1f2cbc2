/** A count is kept for this many times as long as it took, so that at most a hundredth of the time is spent on counting. */
const restingTimes = 99;

/**
 * A count that is kept for `restingTimes` as long as it took: quick counts are always fresh, slow ones are seldom made. Concurrent calls
 * share one count.
 */
export class KeptCount<Count> {
  private kept: { readonly count: Promise<Count>; until: number } | undefined;

  constructor(private readonly make: () => Promise<Count>) {}

  /** @throws what counting throws; the next call counts again */
  get(): Promise<Count> {
    const started = performance.now();
    if (this.kept && started < this.kept.until) return this.kept.count;
    const count = this.make();
    const kept = { count, until: Infinity };
    this.kept = kept;
    const rest = () => void (kept.until = performance.now() + restingTimes * (performance.now() - started));
    count.then(rest, () => void (kept.until = 0));
    return count;
  }

  /** A count that is under way is still returned to its callers, but not kept. */
  forget(): void {
    this.kept = undefined;
  }
}
