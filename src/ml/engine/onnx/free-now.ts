/** `ArrayBuffer.prototype.transfer` of ES2024, which Node 20 has not. */
interface Transferring {
  transfer?(length: number): ArrayBuffer;
}

/**
 * Gives back the memory of an array that nobody reads any more. The garbage collector would come some training steps
 * later, each of which leaves a whole state of weights and moments behind; in Node 20 it is still what does it.
 */
export function freeNow({ buffer }: ArrayBufferView): void {
  (buffer as Transferring).transfer?.(0);
}
