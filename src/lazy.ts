/**
 * A value that is made at its first use, once for all who ask for it. If that fails, the next use tries again, since the cause may be gone
 * by then.
 */
export class Lazy<T> {
  private made: Promise<T> | undefined;

  constructor(private readonly make: () => Promise<T>) {}

  /** @throws what making the value throws */
  get(): Promise<T> {
    if (this.made) return this.made;
    const made = this.make().catch((error: unknown) => {
      if (this.made === made) this.made = undefined;
      throw error;
    });
    return (this.made = made);
  }

  /** Hands the value over for disposal; undefined where there is none. The next use makes a new one. */
  async take(): Promise<T | undefined> {
    const made = this.made;
    this.made = undefined;
    return made?.catch(() => undefined);
  }
}
