import { availableParallelism } from 'node:os';
import { env, InferenceSession } from 'onnxruntime-node';
import * as tf from '@tensorflow/tfjs-core';
import { ClvError, reasonOf } from '../../../errors.js';
import type { Device } from '../engine.js';
import { type EngineStart, engineStarts } from '../engine-events.js';
import { findGpu, preferRealGpu } from '../gpu.js';
import { hasCudaProvider } from './cuda-provider.js';
import { hasFastInt8 } from './fast-int8.js';
import { OnnxEngine } from './onnx-engine.js';

export interface OnnxSettings {
  /** `auto` takes a real graphics processor if there is one; a device asked for by name is used or refused. */
  readonly device: 'auto' | Device;
  /** Threads of the CPU device; as many as the machine has cores where it is 0 or not set. */
  readonly threads?: number;
}

/**
 * Optimisations of the runtime that make the CPU slower: its fused layer normalisation takes four times as long as the
 * two operators that it replaces, and a product that reads its left operand transposed up to three times as long as
 * one after a transpose.
 */
const slowerFusions = ['SkipLayerNormFusion', 'MatmulTransposeFusion', 'GemmTransposeFusion'];

// Set before the first session, which reads it. Otherwise the runtime stores an id of this machine and reports its use to Microsoft.
process.env['ORT_DISABLE_TELEMETRY'] ??= '1';

const runtimeName = `ONNX Runtime ${env.versions.node}`;

const remedies: Record<Device, string> = {
  cpu: 'Reinstall onnxruntime-node for this platform.',
  webgpu:
    "WebGPU needs a graphics driver: on Linux a Vulkan one (the vendor's, or the packages libvulkan1 and " +
    "mesa-vulkan-drivers), on macOS and Windows the system's. Otherwise set the device to cpu.",
  cuda:
    'Let ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js fetch the CUDA provider ' +
    '(Linux on x64; it needs a network), and have CUDA 12 and cuDNN 9 on the library path: clvgraph doctor says what ' +
    'is missing. Otherwise set the device to webgpu or cpu.',
};

/**
 * The onnx engine on a device that has been tried out. `auto` takes CUDA if its provider is installed and works,
 * else WebGPU on a real graphics processor, else the CPU; a device asked for by name is used or refused.
 * @throws ClvError `ENGINE_UNAVAILABLE` naming what is missing
 */
export async function createOnnxEngine(settings: OnnxSettings): Promise<OnnxEngine> {
  const refused: string[] = [];
  const engine = await firstThatWorks(settings, refused);
  engineStarts.publish({ description: engine.description, refused } satisfies EngineStart);
  return engine;
}

async function firstThatWorks(settings: OnnxSettings, refused: string[]): Promise<OnnxEngine> {
  if (settings.device !== 'auto') return engineOn(settings.device, settings);
  const candidates: Device[] = [
    ...(hasCudaProvider() ? (['cuda'] as const) : []),
    ...(findGpu() === undefined ? [] : (['webgpu'] as const)),
  ];
  for (const device of candidates) {
    try {
      return await engineOn(device, settings);
    } catch (error) {
      refused.push(`${device} failed: ${withoutPlace(error)}`);
    }
  }
  return engineOn('cpu', settings, refused.map((reason) => ` (${reason})`).join(''));
}

async function engineOn(device: Device, settings: OnnxSettings, remark = ''): Promise<OnnxEngine> {
  if (device === 'webgpu') preferRealGpu();
  if (device === 'cuda' && !hasCudaProvider()) throw unavailable('cuda', 'its provider library is not installed');
  const threads = settings.threads || availableParallelism();
  const engine = new OnnxEngine(
    device,
    `${describe(device, threads)}${remark}`,
    sessionOptions(device, threads),
    device === 'cpu' && hasFastInt8(),
  );
  try {
    await tryOut(engine);
    return engine;
  } catch (error) {
    await engine.dispose();
    throw unavailable(device, withoutPlace(error), error);
  }
}

/** How the runtime is set up for a device. */
export function sessionOptions(device: Device, threads: number): InferenceSession.SessionOptions {
  return {
    executionProviders: [device],
    graphOptimizationLevel: 'all',
    // Waiting threads spin only as long as it takes to wake them up. With the runtime's default, a training step on two threads took half
    // as much processor time again, which a server, a database and other workers beside it need.
    extra: {
      session: { intra_op: { allow_spinning: '1', spin_duration_us: '50' } },
      optimization: { disable_specified_optimizers: slowerFusions.join(';') },
    },
    // Errors only: the runtime warns of every node that it prefers to place on the CPU.
    logSeverityLevel: 3,
    intraOpNumThreads: threads,
    // Planning all memory ahead as one block is no faster here and holds a fifth more.
    enableMemPattern: false,
    // Weights and optimizer state stay on the device from one step to the next.
    ...(device === 'webgpu' && { preferredOutputLocation: 'gpu-buffer' as const }),
  };
}

function describe(device: Device, threads: number): string {
  switch (device) {
    case 'cpu':
      return `${runtimeName}, CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
    case 'webgpu':
      return `${runtimeName}, WebGPU on ${findGpu() ?? 'a software or unidentified adapter'}`;
    case 'cuda':
      return `${runtimeName}, CUDA`;
  }
}

/** One addition: a missing driver shows here rather than in the middle of a job. */
async function tryOut(engine: OnnxEngine): Promise<void> {
  const program = await engine.compile(({ x }) => ({ y: tf.add(x!, 1) }), { x: { shape: [1], dtype: 'float32' } });
  const x = engine.upload({ shape: [1], dtype: 'float32', data: Float32Array.of(1) });
  const { y } = await program.run({ x });
  const [sum] = await engine.read(y!);
  for (const tensor of [x, y!]) tensor.dispose();
  await program.dispose();
  if (sum !== 2) throw new Error(`it computed 1 + 1 = ${sum}`);
}

/** The error's message without the runtime's source file, line and failed condition. */
function withoutPlace(error: unknown): string {
  return reasonOf(error)
    .replace(/\/\S*onnxruntime.*? was false\. /s, '')
    .trim();
}

function unavailable(device: Device, reason: string, cause?: unknown): ClvError {
  const message = `The onnx engine cannot use the device ${device}: ${reason}. ${remedies[device]}`;
  return new ClvError('ENGINE_UNAVAILABLE', message, { cause, details: { device } });
}
