const chunkBytes = 512 * 1024;
const zero = 0x30;

/** Bytes on their way to COPY. `append` makes room for itself; what all else writes past the end of `bytes` is lost: `grow`, and write it again. */
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

  /** A whole number from 0 on. */
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

  /** What was written, and an empty buffer in its place. */
  take(): Buffer {
    const taken = this.bytes.subarray(0, this.length);
    this.bytes = Buffer.allocUnsafe(chunkBytes);
    this.length = 0;
    return taken;
  }
}
