import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** What is looked at of a machine; tests give another one. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly root: string;
  readonly env: Record<string, string | undefined>;
}

export const thisMachine: Machine = { platform: process.platform, root: '/', env: process.env };

/** Kernel drivers of displays that a processor, not a graphics processor, draws. */
const displayOnly = new Set([
  'virtio_gpu',
  'virtio-pci',
  'vmwgfx',
  'vgem',
  'vkms',
  'bochs-drm',
  'qxl',
  'ast',
  'mgag200',
  'simpledrm',
  'hyperv_drm',
]);
/** Vulkan drivers that compute on the CPU or hand the work to a host. */
const softwareVulkan = /lvp|llvmpipe|swiftshader|gfxstream|virtio/i;
/** The same for the Vulkan loader: patterns of manifest names. */
const softwareManifests = '*lvp*,*llvmpipe*,*swiftshader*,*gfxstream*,*virtio*';

/**
 * The name of the real graphics processor that WebGPU would use, if there is one that both the operating system and a Vulkan (or Metal)
 * driver know. ONNX Runtime does not tell which adapter it took, and falls back to a software one (llvmpipe, SwiftShader), so the system
 * is asked. On Windows nothing is looked for: there `auto` means the CPU, and WebGPU has to be chosen.
 */
export function findGpu(machine: Machine = thisMachine): string | undefined {
  if (machine.platform === 'darwin') return 'Metal';
  if (machine.platform !== 'linux' || vulkanDrivers(machine).every(isSoftwareDriver)) return undefined;
  return nvidiaName(machine.root) ?? renderNodeName(machine.root);
}

/**
 * Hides software drivers from the Vulkan loader where there is a real graphics processor, so that WebGPU takes that one
 * or fails. Must come before the runtime first looks for an adapter; a choice that the environment makes stands.
 */
export function preferRealGpu(machine: Machine = thisMachine): void {
  if (machine.platform !== 'linux' || findGpu(machine) === undefined) return;
  machine.env['VK_LOADER_DRIVERS_DISABLE'] ??= softwareManifests;
}

/** Manifests of the Vulkan drivers that the environment chooses, or that are installed. */
export function vulkanDrivers({ root, env }: Machine): string[] {
  const chosen = env['VK_DRIVER_FILES'] ?? env['VK_ICD_FILENAMES'];
  if (chosen !== undefined && chosen !== '') return chosen.split(':').filter((file) => existsSync(file));
  return ['etc', 'usr/share', 'usr/local/share']
    .map((folder) => join(root, folder, 'vulkan/icd.d'))
    .flatMap((folder) => entries(folder).map((file) => join(folder, file)));
}

/** Whether a driver, by its manifest, computes on the CPU or hands the work to a host. */
export function isSoftwareDriver(manifest: string): boolean {
  return softwareVulkan.test(basename(manifest));
}

function nvidiaName(root: string): string | undefined {
  const folder = join(root, 'proc/driver/nvidia/gpus');
  const [first] = entries(folder);
  const model = first === undefined ? undefined : /Model:\s*(.+)/.exec(text(join(folder, first, 'information')))?.[1];
  return model?.trim();
}

function renderNodeName(root: string): string | undefined {
  const folder = join(root, 'sys/class/drm');
  for (const node of entries(folder).filter((name) => name.startsWith('renderD'))) {
    const description = text(join(folder, node, 'device/uevent'));
    const driver = /DRIVER=(.+)/.exec(description)?.[1];
    const id = /PCI_ID=(.+)/.exec(description)?.[1];
    if (driver !== undefined && !displayOnly.has(driver)) return id === undefined ? driver : `${driver} ${id}`;
  }
  return undefined;
}

function entries(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

function text(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
