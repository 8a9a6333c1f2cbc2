import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkCuda } from '../../../src/cli/doctor/cuda-check.js';
import type { Finding } from '../../../src/cli/doctor/finding.js';
import { neededLibraries } from '../../../src/cli/doctor/needed-libraries.js';
import { FolderMachine } from './machine.js';

const libraries = [
  'libcuda.so.1',
  'libcudart.so.12',
  'libcublas.so.12',
  'libcublasLt.so.12',
  'libcurand.so.10',
  'libcudnn.so.9',
];
const driver = (version: string): string =>
  `NVRM version: NVIDIA UNIX x86_64 Kernel Module  ${version}  Tue Oct 25 10:00:00 UTC 2025\nGCC version: 14.2.0\n`;

/** Findings by name; the CUDA provider is said to be in the machine's folder. */
async function examine(machine: FolderMachine): Promise<Record<string, Finding>> {
  const findings = await checkCuda(machine, [`${machine.root}/libonnxruntime_providers_cuda.so`]);
  return Object.fromEntries(findings.map((finding) => [finding.name, finding]));
}

describe.skipIf(process.platform !== 'linux' || process.arch !== 'x64')('checkCuda', () => {
  it('names driver, libraries and provider where there is nothing, with a remedy each, and blocks nothing', async () => {
    using machine = new FolderMachine();
    const findings = Object.values(await examine(machine));
    expect(findings.map(({ name, status }) => [name, status])).toEqual([
      ['NVIDIA driver', 'MISSING'],
      ['CUDA libraries', 'MISSING'],
      ["ONNX Runtime's CUDA provider", 'MISSING'],
    ]);
    expect(findings.every(({ remedy, blocks }) => remedy!.startsWith('Needed for CUDA only') && !blocks)).toBe(true);
    for (const library of libraries) expect(findings[1]!.found).toContain(library);
    expect(findings[2]!.remedy).toContain('ONNXRUNTIME_NODE_INSTALL=cuda12');
  });

  it('reads the version of the driver, and refuses one that is too old for CUDA 12', async () => {
    using machine = new FolderMachine();
    machine.file('proc/driver/nvidia/version', driver('580.95.05'));
    expect((await examine(machine))['NVIDIA driver']).toMatchObject({ status: 'OK', found: '580.95.05' });
    machine.file('proc/driver/nvidia/version', driver('470.256.02'));
    expect((await examine(machine))['NVIDIA driver']).toMatchObject({
      status: 'MISSING',
      found: '470.256.02, too old for CUDA 12',
    });
  });

  it('says so where the driver does not tell its version', async () => {
    using machine = new FolderMachine();
    machine.file('proc/driver/nvidia/version', 'NVRM version: none\n');
    expect((await examine(machine))['NVIDIA driver']).toMatchObject({ status: 'WARN', found: 'of unknown version' });
  });

  it('looks for nothing on other systems', async () => {
    using machine = new FolderMachine();
    const findings = await checkCuda({ root: machine.root, env: {}, platform: 'darwin' });
    expect(findings.map(({ name, status }) => [name, status])).toEqual([['CUDA', 'WARN']]);
  });

  it('reads the version of an open kernel module', async () => {
    using machine = new FolderMachine();
    machine.file(
      'proc/driver/nvidia/version',
      'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.133.20  Release Build  (dvs-builder)\n',
    );
    expect((await examine(machine))['NVIDIA driver']).toMatchObject({ status: 'OK', found: '570.133.20' });
  });

  it('names only the libraries that are not there, with what brings them', async () => {
    using machine = new FolderMachine();
    for (const library of libraries.slice(0, -1)) machine.file(`usr/lib/x86_64-linux-gnu/${library}`);
    const { found, remedy } = (await examine(machine))['CUDA libraries']!;
    expect(found).toBe('not found: libcudnn.so.9');
    expect(remedy).toContain('libcudnn with cuDNN');
  });

  it('finds libraries through LD_LIBRARY_PATH and /etc/ld.so.conf.d', async () => {
    using machine = new FolderMachine();
    for (const library of libraries.slice(0, -1)) machine.file(`usr/local/cuda-12.9/lib64/${library}`);
    machine.file('etc/ld.so.conf.d/000_cuda.conf', '# CUDA\n/usr/local/cuda-12.9/lib64\n');
    machine.file('home/cudnn/libcudnn.so.9');
    machine.env['LD_LIBRARY_PATH'] = `${machine.root}/home/cudnn`;
    expect((await examine(machine))['CUDA libraries']).toMatchObject({ status: 'OK' });
  });

  it('tells of libraries that are there but where the loader does not look', async () => {
    using machine = new FolderMachine();
    for (const library of libraries) machine.file(`usr/local/cuda/lib64/${library}`);
    const { status, found, remedy } = (await examine(machine))['CUDA libraries']!;
    expect(status).toBe('MISSING');
    expect(found).toMatch(/^not on the library path: .*usr\/local\/cuda\/lib64\/libcudart\.so\.12/);
    expect(remedy).toContain('LD_LIBRARY_PATH');
  });

  it('finds the provider', async () => {
    using machine = new FolderMachine();
    machine.file('libonnxruntime_providers_cuda.so');
    expect((await examine(machine))["ONNX Runtime's CUDA provider"]).toMatchObject({ status: 'OK' });
  });
});

describe('neededLibraries', () => {
  const runtime = join(
    dirname(createRequire(import.meta.url).resolve('onnxruntime-node')),
    `../bin/napi-v6/${process.platform}/${process.arch}`,
  );

  it.skipIf(process.platform !== 'linux')('reads them out of a shared library', () => {
    expect(neededLibraries(join(runtime, 'onnxruntime_binding.node'))).toEqual(
      expect.arrayContaining(['libonnxruntime.so.1', 'libstdc++.so.6', 'libc.so.6']),
    );
  });

  it('finds none in another file', () => {
    expect(neededLibraries('package.json')).toEqual([]);
  });
});
