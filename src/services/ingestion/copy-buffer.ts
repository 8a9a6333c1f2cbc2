const chunkBytes = 512 * 1024;

/** Bytes on their way to COPY. What writes past the end of `bytes` is lost: `grow`, and write it again. */
export class CopyBuffer {
  bytes: Buffer = Buffer.allocUnsafe(chunkBytes);
  length = 0;

  append(text: string): void {
    while (this.length + 3 * text.length > this.bytes.length) this.grow();
    this.length += this.bytes.write(text, this.length);
  }

  grow(): void {
    const larger = Buffer.allocUnsafe(2 * this.bytes.length);
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  /** What was written, and an empty buffer in its place. */
  take(): Buffer {
    const taken = this.bytes.subarray(0, this.length);
    this.bytes = Buffer.allocUnsafe(chunkBytes);
    this.length = 0;
    return taken;
  }
}
