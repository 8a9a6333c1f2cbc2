import { readFileSync } from 'node:fs';

/**
 * Whether the processor multiplies 8-bit integers in one instruction. Without one, products of 8 bits are hardly faster
 * than those of floats, and on older x64 processors sums of two of them are cut off at 16 bits.
 */
export function hasFastInt8(arch = process.arch, flags = processorFlags()): boolean {
  return arch === 'arm64' || (arch === 'x64' && /\bavx(512)?_vnni\b/.test(flags));
}

/** As Linux tells them; elsewhere nothing is known. */
function processorFlags(): string {
  try {
    return /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
}
