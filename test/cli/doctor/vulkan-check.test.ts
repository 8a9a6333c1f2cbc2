import { describe, expect, it } from 'vitest';
import { checkWebGpu } from '../../../src/cli/doctor/vulkan-check.js';
import { FolderMachine } from './machine.js';

const examine = async (machine: FolderMachine): Promise<string[]> =>
  (await checkWebGpu(machine)).map(({ name, status, found }) => `${status} ${name}: ${found}`);

describe('checkWebGpu', () => {
  it('names loader, driver and adapter where there is nothing, and does not try WebGPU then', async () => {
    using machine = new FolderMachine();
    const findings = await checkWebGpu(machine);
    expect(findings.map(({ name, status }) => [name, status])).toEqual([
      ['Vulkan loader', 'MISSING'],
      ['Vulkan drivers', 'MISSING'],
      ['Graphics processor', 'MISSING'],
    ]);
    expect(findings.every(({ remedy, blocks }) => remedy !== undefined && !blocks)).toBe(true);
  });

  it('warns where all drivers compute in software', async () => {
    using machine = new FolderMachine();
    machine.file('usr/share/vulkan/icd.d/lvp_icd.x86_64.json');
    expect(await examine(machine)).toContain('WARN Vulkan drivers: lvp_icd.x86_64 (software)');
  });

  it('says which drivers are real, and names the card', async () => {
    using machine = new FolderMachine();
    machine.file('usr/share/vulkan/icd.d/lvp_icd.x86_64.json');
    machine.file('etc/vulkan/icd.d/nvidia_icd.json');
    machine.file('proc/driver/nvidia/gpus/0000:01:00.0/information', 'Model: \t NVIDIA L4\n');
    expect(await examine(machine)).toEqual(
      expect.arrayContaining([
        'OK Vulkan drivers: nvidia_icd, lvp_icd.x86_64 (software)',
        'OK Graphics processor: NVIDIA L4',
      ]),
    );
  });
});
