import { closeSync, openSync, readSync } from 'node:fs';

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const DT_NEEDED = 1;
const DT_STRTAB = 5;
const programHeaderBytes = 56;
const dynamicEntryBytes = 16;
const longestName = 256;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

/**
 * The shared libraries that a 64-bit little-endian ELF file links to, as `objdump -p` lists them under NEEDED. None for a file of
 * another kind. It reads only a few kilobytes of the file.
 */
export function neededLibraries(file: string): string[] {
  const descriptor = openSync(file, 'r');
  const read = (offset: number, length: number): Buffer => {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset));
  };
  try {
    const header = read(0, 64);
    if (header.length < 64 || header.readUInt32BE(0) !== 0x7f454c46 || header[4] !== 2 || header[5] !== 1) return [];
    const table = read(Number(header.readBigUInt64LE(32)), header.readUInt16LE(56) * programHeaderBytes);
    const segments = entriesOf(table, programHeaderBytes).map(segmentOf);
    const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
    if (dynamic === undefined) return [];
    const entries = entriesOf(read(dynamic.offset, dynamic.size), dynamicEntryBytes).map((entry) => ({
      tag: Number(entry.readBigInt64LE(0)),
      value: Number(entry.readBigUInt64LE(8)),
    }));
    const strings = entries.find(({ tag }) => tag === DT_STRTAB)?.value ?? 0;
    const home = segments.find(
      ({ type, address, size }) => type === PT_LOAD && address <= strings && strings < address + size,
    );
    if (home === undefined) return [];
    const names = strings - home.address + home.offset;
    return entries.filter(({ tag }) => tag === DT_NEEDED).map(({ value }) => textAt(read(names + value, longestName)));
  } finally {
    closeSync(descriptor);
  }
}

function entriesOf(table: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.floor(table.length / size) }, (_, i) => table.subarray(i * size, (i + 1) * size));
}

function segmentOf(header: Buffer): Segment {
  return {
    type: header.readUInt32LE(0),
    offset: Number(header.readBigUInt64LE(8)),
    address: Number(header.readBigUInt64LE(16)),
    size: Number(header.readBigUInt64LE(32)),
  };
}

function textAt(bytes: Buffer): string {
  return bytes.toString('latin1').split('\0', 1)[0]!;
}
