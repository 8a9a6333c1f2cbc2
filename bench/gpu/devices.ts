import type { Device } from '../../src/ml/engine/engine.js';
import { findGpu } from '../../src/ml/engine/gpu.js';
import { hasCudaProvider } from '../../src/ml/engine/onnx/cuda-provider.js';

/** A device that is measured. */
export interface Target {
  readonly device: Device;
  /** A real graphics processor computes, not the CPU in its name. */
  readonly isReal: boolean;
  /** The card's name, as far as the system tells it. */
  readonly name: string;
}

/** Devices of this machine that onnx can use. WebGPU in software only where that is allowed. */
export function targets(allowsSoftware: boolean): Target[] {
  const gpu = findGpu();
  const found: Target[] = [];
  if (gpu !== undefined && hasCudaProvider()) found.push({ device: 'cuda', isReal: true, name: gpu });
  if (gpu !== undefined) found.push({ device: 'webgpu', isReal: true, name: gpu });
  else if (allowsSoftware) found.push({ device: 'webgpu', isReal: false, name: 'software Vulkan' });
  return found;
}
