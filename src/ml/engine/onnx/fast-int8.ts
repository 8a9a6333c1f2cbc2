import { readFileSync } from 'node:fs';

/**
 * Whether the processor has an instruction for dot products of 8-bit integers. Without it, these are hardly faster than those of floats,
 * and on older x64 processors the sum of two products saturates at 16 bits.
 */
export function hasFastInt8(arch = process.arch, flags = processorFlags()): boolean {
  return arch === 'arm64' || (arch === 'x64' && /\bavx(512)?_vnni\b/.test(flags));
}

/** The processor's flags as Linux lists them; '' on other systems. */
function processorFlags(): string {
  try {
    return /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
}
