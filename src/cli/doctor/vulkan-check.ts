import { basename } from 'node:path';
import { findGpu, isSoftwareDriver, type Machine, vulkanDrivers } from '../../ml/engine/gpu.js';
import { checkDevice } from './engine-check.js';
import { type Finding, missing, ok, warn } from './finding.js';
import { findLibrary } from './shared-libraries.js';

const install =
  "Needed for WebGPU only: install the card vendor's driver and the Vulkan loader (Debian, Ubuntu: libvulkan1).";

/** Checks which graphics processor WebGPU has, if any: on Linux Vulkan's loader and drivers, then an adapter, and an addition on it. */
export async function checkWebGpu(machine: Machine): Promise<Finding[]> {
  const drivers = machine.platform === 'linux' ? [checkLoader(machine), checkDrivers(machine)] : [];
  const canTry = drivers.every(({ status }) => status !== 'MISSING');
  return [...drivers, checkAdapter(machine), ...(canTry ? [await tryWebGpu(machine)] : [])];
}

function checkLoader(machine: Machine): Finding {
  const at = findLibrary('libvulkan.so.1', machine);
  return at === undefined
    ? missing('Vulkan loader', 'libvulkan.so.1 not found', install)
    : ok('Vulkan loader', at.file);
}

function checkDrivers(machine: Machine): Finding {
  const name = 'Vulkan drivers';
  const files = vulkanDrivers(machine);
  if (files.length === 0) return missing(name, 'none', install);
  const names = files
    .map((file) => `${basename(file, '.json')}${isSoftwareDriver(file) ? ' (software)' : ''}`)
    .join(', ');
  return files.every(isSoftwareDriver) ? warn(name, names, install) : ok(name, names);
}

function checkAdapter(machine: Machine): Finding {
  const gpu = findGpu(machine);
  if (gpu !== undefined) return ok('Graphics processor', gpu);
  return missing(
    'Graphics processor',
    'none that both the system and a hardware driver know',
    'Nothing to do on a machine without one: device auto takes the CPU, and WebGPU would be computed in software.',
  );
}

/** Checks WebGPU by an addition. It also works in software, but only a test has a use for that. */
async function tryWebGpu(machine: Machine): Promise<Finding> {
  const finding = await checkDevice('WebGPU', { engine: 'onnx', device: 'webgpu' }, install);
  if (finding.status !== 'OK' || findGpu(machine) !== undefined) return finding;
  return warn(
    'WebGPU',
    finding.found,
    'Set CLVGRAPH_DEVICE=webgpu for tests only: the CPU device is faster than this.',
  );
}
