/** `ArrayBuffer.prototype.transfer` of ES2024, which Node 20 has not. */
interface Transferring {
  transfer?(length: number): ArrayBuffer;
}

/**
 * Frees the memory of an array that is no longer read. The garbage collector would do so some training steps later, and each step leaves
 * a whole state of weights and moments behind. In Node 20 it is left to the garbage collector.
 */
export function freeNow({ buffer }: ArrayBufferView): void {
  (buffer as Transferring).transfer?.(0);
}
