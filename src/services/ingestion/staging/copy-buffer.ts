const chunkBytes = 512 * 1024;
const zero = 0x30;

/** Bytes for COPY. Only `append` makes room for itself: whatever else writes past the end of `bytes` must `grow` it and write again. */
export class CopyBuffer {
  bytes: Buffer = Buffer.allocUnsafe(chunkBytes);
  length = 0;

  append(text: string): void {
    while (this.length + 3 * text.length > this.bytes.length) this.grow();
    this.length += this.bytes.write(text, this.length);
  }

  byte(byte: number): void {
    this.bytes[this.length++] = byte;
  }

  copy(bytes: Buffer, start: number, end: number): void {
    const target = this.bytes;
    let { length } = this;
    for (let i = start; i < end; i++) target[length++] = bytes[i]!;
    this.length = length;
  }

  /** Writes a whole number of 0 or more. */
  digits(number: number): void {
    let size = 1;
    for (let power = 10; power <= number; power *= 10) size++;
    this.length += size;
    for (let at = this.length - 1, left = number; size > 0; size--, at--) {
      const tens = Math.floor(left / 10);
      this.bytes[at] = zero + left - 10 * tens;
      left = tens;
    }
  }

  grow(): void {
    const larger = Buffer.allocUnsafe(2 * this.bytes.length);
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  /** Returns what was written, and starts anew. */
  take(): Buffer {
    const taken = this.bytes.subarray(0, this.length);
    this.bytes = Buffer.allocUnsafe(chunkBytes);
    this.length = 0;
    return taken;
  }
}
