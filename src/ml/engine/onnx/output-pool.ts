import type { Tensor } from 'onnxruntime-node';

/** One buffer may be an input of the next run while the other is its output. */
const KEPT_PER_OUTPUT = 2;

/**
 * Keeps the buffers of disposed outputs for the next runs of the same program. A training step gives back every
 * weight and moment, and to allocate them anew costs as much as a good part of the arithmetic.
 */
export class OutputPool {
  private readonly free = new Map<string, Tensor[]>();
  private isOpen = true;

  take(name: string): Tensor | undefined {
    return this.free.get(name)?.pop();
  }

  give(name: string, tensor: Tensor): boolean {
    if (!this.isOpen || tensor.location !== 'cpu') return false;
    const kept = this.free.get(name) ?? [];
    if (kept.length >= KEPT_PER_OUTPUT) return false;
    kept.push(tensor);
    this.free.set(name, kept);
    return true;
  }

  close(): void {
    this.isOpen = false;
    for (const tensors of this.free.values()) for (const tensor of tensors) tensor.dispose();
    this.free.clear();
  }
}
