import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findGpu, preferRealGpu } from '../../../src/ml/engine/gpu.js';

describe('findGpu', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'clvgraph-gpu-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const file = (path: string, content = ''): string => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
    return join(root, path);
  };
  const find = (env: Record<string, string> = {}): string | undefined => findGpu({ platform: 'linux', root, env });

  it('finds nothing on a machine without drivers', () => {
    expect(find()).toBeUndefined();
  });

  it('does not take llvmpipe for one', () => {
    file('usr/share/vulkan/icd.d/lvp_icd.x86_64.json');
    expect(find()).toBeUndefined();
  });

  it('does not take an installed driver without hardware for one', () => {
    file('usr/share/vulkan/icd.d/radeon_icd.x86_64.json');
    expect(find()).toBeUndefined();
  });

  it('does not take hardware without a Vulkan driver for one', () => {
    file('proc/driver/nvidia/gpus/0000:01:00.0/information', 'Model: \t\t NVIDIA H100 PCIe\nIRQ: 1\n');
    file('usr/share/vulkan/icd.d/lvp_icd.x86_64.json');
    expect(find()).toBeUndefined();
  });

  it('reads the name of an NVIDIA card', () => {
    file('proc/driver/nvidia/gpus/0000:01:00.0/information', 'Model: \t\t NVIDIA GeForce RTX 4090\nIRQ: 1\n');
    file('etc/vulkan/icd.d/nvidia_icd.json');
    expect(find()).toBe('NVIDIA GeForce RTX 4090');
  });

  it('names another card by its kernel driver and PCI id', () => {
    file('sys/class/drm/renderD128/device/uevent', 'DRIVER=amdgpu\nPCI_CLASS=30000\nPCI_ID=1002:73BF\n');
    file('usr/share/vulkan/icd.d/radeon_icd.x86_64.json');
    expect(find()).toBe('amdgpu 1002:73BF');
  });

  it('does not take the display of a virtual machine for one', () => {
    file('sys/class/drm/renderD128/device/uevent', 'DRIVER=virtio_gpu\n');
    file('usr/share/vulkan/icd.d/radeon_icd.x86_64.json');
    expect(find()).toBeUndefined();
  });

  it('heeds the Vulkan drivers that the environment chooses', () => {
    file('sys/class/drm/renderD128/device/uevent', 'DRIVER=i915\n');
    const software = file('usr/share/vulkan/icd.d/lvp_icd.x86_64.json');
    const hardware = file('usr/share/vulkan/icd.d/intel_icd.x86_64.json');
    expect(find({ VK_DRIVER_FILES: software })).toBeUndefined();
    expect(find({ VK_ICD_FILENAMES: `${software}:${hardware}` })).toBe('i915');
    expect(find({ VK_DRIVER_FILES: '/no/such/file.json' })).toBeUndefined();
  });

  it('hides software drivers from the loader only where there is a real card', () => {
    file('usr/share/vulkan/icd.d/lvp_icd.x86_64.json');
    const disabled = (env: Record<string, string | undefined>): string | undefined => {
      preferRealGpu({ platform: 'linux', root, env });
      return env['VK_LOADER_DRIVERS_DISABLE'];
    };
    expect(disabled({})).toBeUndefined();
    file('usr/share/vulkan/icd.d/radeon_icd.x86_64.json');
    file('sys/class/drm/renderD128/device/uevent', 'DRIVER=amdgpu\n');
    expect(disabled({})).toContain('*lvp*');
    expect(disabled({ VK_LOADER_DRIVERS_DISABLE: '*radeon*' })).toBe('*radeon*');
  });

  it('takes Metal on macOS, and leaves Windows to an explicit choice', () => {
    expect(findGpu({ platform: 'darwin', root, env: {} })).toBe('Metal');
    expect(findGpu({ platform: 'win32', root, env: {} })).toBeUndefined();
  });
});
