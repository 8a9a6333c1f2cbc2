/** At most a hundredth of the time goes into counting. */
const restingTimes = 99;

/**
 * A count that is kept for 99 times as long as it took: what takes no time is always new, and what takes long is made
 * seldom. Whoever asks while it is being made waits for it.
 */
export class KeptCount<Count> {
  private kept: { readonly count: Promise<Count>; until: number } | undefined;

  constructor(private readonly make: () => Promise<Count>) {}

  /** @throws what making it does; the next call makes it anew */
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

  /** What is being made is handed out, but not kept. */
  forget(): void {
    this.kept = undefined;
  }
}
