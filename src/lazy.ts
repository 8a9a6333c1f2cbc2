/**
 * A value that is made at its first use, once for all who ask for it. One that could not be made is made anew at the
 * next use: what stood in its way may be gone by then.
 */
export class Lazy<T> {
  private made: Promise<T> | undefined;

  constructor(private readonly make: () => Promise<T>) {}

  /** @throws what making it does */
  get(): Promise<T> {
    if (this.made) return this.made;
    const made = this.make().catch((error: unknown) => {
      if (this.made === made) this.made = undefined;
      throw error;
    });
    return (this.made = made);
  }

  /** Gives it away for disposal; undefined where there is none. The next use makes a new one. */
  async take(): Promise<T | undefined> {
    const made = this.made;
    this.made = undefined;
    return made?.catch(() => undefined);
  }
}
