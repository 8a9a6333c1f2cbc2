import { z } from 'zod';
import { ClvError } from '../../errors.js';
import type { HostTensor } from '../engine/engine.js';
import { sizeOf } from '../engine/shapes.js';

/**
 * The safetensors format (huggingface.co/docs/safetensors): 8 bytes with the header's length (little-endian),
 * the header (JSON: name to dtype, shape and data_offsets), then the tensors' bytes, little-endian, row-major.
 */

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.number().int().nonnegative()),
  data_offsets: z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()]),
});
const headerSchema = z.record(z.string(), z.union([entrySchema, z.record(z.string(), z.string())]));

type Entry = z.infer<typeof entrySchema>;

/** Bytes per element. Tensors of the format's other types are not checked for their size. */
const elementSizes: Record<string, number> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

/** A file whose header has been checked; tensors are decoded when asked for. */
export class Safetensors {
  constructor(
    private readonly where: string,
    private readonly body: Buffer,
    private readonly entries: ReadonlyMap<string, Entry>,
    readonly metadata: Readonly<Record<string, string>>,
  ) {}

  get names(): string[] {
    return [...this.entries.keys()];
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  shape(name: string): readonly number[] {
    return this.entry(name).shape;
  }

  /** Decodes F32, F16 and BF16 to float32, I32 to int32. @throws ClvError CHECKPOINT_INVALID for other types */
  tensor(name: string): HostTensor {
    const { dtype, shape, data_offsets: offsets } = this.entry(name);
    // A copy: the file's tensors need not lie at multiples of four bytes.
    const bytes = this.body.buffer.slice(this.body.byteOffset + offsets[0], this.body.byteOffset + offsets[1]);
    switch (dtype) {
      case 'F32':
        return { shape, dtype: 'float32', data: new Float32Array(bytes) };
      case 'F16':
        return { shape, dtype: 'float32', data: halvesToFloats(new Uint16Array(bytes)) };
      case 'BF16':
        return { shape, dtype: 'float32', data: bfloatsToFloats(new Uint16Array(bytes)) };
      case 'I32':
        return { shape, dtype: 'int32', data: new Int32Array(bytes) };
      default:
        throw invalid(this.where, `tensor ${name} is of type ${dtype}; F32, F16, BF16 and I32 can be read.`);
    }
  }

  private entry(name: string): Entry {
    const entry = this.entries.get(name);
    if (!entry) throw invalid(this.where, `there is no tensor ${name}.`);
    return entry;
  }
}

/**
 * Reads the header and checks that every tensor lies inside the file, apart from the others, and is as long as its shape
 * says.
 * @param where the file's name, for messages
 * @throws ClvError CHECKPOINT_INVALID
 */
export function parseSafetensors(file: Buffer, where: string): Safetensors {
  if (file.length < 8) throw invalid(where, `${file.length} bytes are too few for a header.`);
  const headerLength = Number(file.readBigUInt64LE(0));
  if (headerLength > file.length - 8) {
    throw invalid(
      where,
      `its header should be ${headerLength} bytes long and only ${file.length - 8} follow. ` +
        'The file is truncated, or is not in the safetensors format.',
    );
  }
  const header = parseHeader(file.subarray(8, 8 + headerLength), where);
  const body = file.subarray(8 + headerLength);
  const entries = new Map<string, Entry>();
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') {
      metadata = value as Record<string, string>;
    } else {
      entries.set(name, checkedEntry(name, value, body.length, where));
    }
  }
  requireApart(entries, where);
  return new Safetensors(where, body, entries, metadata);
}

function parseHeader(bytes: Buffer, where: string): z.infer<typeof headerSchema> {
  let json: unknown;
  try {
    // Fails, too, for a header that is longer than a string can be.
    json = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw invalid(where, 'its header is not JSON. The file is damaged, or is not in the safetensors format.', error);
  }
  const parsed = headerSchema.safeParse(json);
  if (!parsed.success) throw invalid(where, `its header is not valid:\n${firstIssues(parsed.error)}`);
  return parsed.data;
}

/** The first five issues, shortened: a header may have one for each tensor, and names may be long. */
function firstIssues({ issues }: z.ZodError): string {
  return z.prettifyError(new z.ZodError(issues.slice(0, 5))).slice(0, 2_000);
}

/** Refuses tensors that share bytes: each would get a copy of them, so that a small file could fill the memory. */
function requireApart(entries: ReadonlyMap<string, Entry>, where: string): void {
  let [before, end] = ['', 0];
  for (const [name, { data_offsets: offsets }] of [...entries].sort(byOffsets)) {
    if (offsets[0] < end) throw invalid(where, `the tensors ${before} and ${name} overlap.`);
    [before, end] = [name, offsets[1]];
  }
}

function byOffsets([, { data_offsets: a }]: [string, Entry], [, { data_offsets: b }]: [string, Entry]): number {
  return a[0] - b[0] || a[1] - b[1];
}

function checkedEntry(name: string, value: unknown, bodyLength: number, where: string): Entry {
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success) throw invalid(where, `the header of tensor ${name} lacks dtype, shape or data_offsets.`);
  const {
    dtype,
    shape,
    data_offsets: [begin, end],
  } = parsed.data;
  const size = elementSizes[dtype];
  if (end > bodyLength) {
    throw invalid(
      where,
      `tensor ${name} ends at byte ${end} of ${bodyLength}: the file is truncated. Download it again.`,
    );
  }
  const expected = size === undefined ? end - begin : sizeOf(shape) * size;
  if (end - begin !== expected) {
    throw invalid(
      where,
      `tensor ${name} of shape [${shape.join(', ')}] in ${dtype} needs ${expected} bytes and has ${end - begin}.`,
    );
  }
  return parsed.data;
}

/** Writes tensors in F32 or I32, in the order given, with metadata of strings. */
export function writeSafetensors(tensors: Record<string, HostTensor>, metadata: Record<string, string> = {}): Buffer {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { shape, dtype, data }] of Object.entries(tensors)) {
    if (data.length !== sizeOf(shape)) {
      throw new RangeError(`${name} has ${data.length} elements, and a shape of [${shape.join(', ')}].`);
    }
    header[name] = {
      dtype: dtype === 'float32' ? 'F32' : 'I32',
      shape,
      data_offsets: [offset, (offset += data.byteLength)],
    };
  }
  const json = JSON.stringify(header);
  // Spaces up to a multiple of eight, as the format recommends: the tensors are then aligned.
  const headerBytes = Buffer.from(json + ' '.repeat((8 - (Buffer.byteLength(json) % 8)) % 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(headerBytes.length));
  const bodies = Object.values(tensors).map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  return Buffer.concat([length, headerBytes, ...bodies]);
}

/** IEEE 754 half precision: 1 sign, 5 exponent, 10 fraction bits. */
function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Every half-precision number, by its bits; computed once, since a large model has thousands of times as many numbers. */
let knownHalves: Float32Array | undefined;

/** A loop: `from` with a function makes a list first, and the word tables of the largest models are too long for one. */
function halvesToFloats(halves: Uint16Array): Float32Array {
  const known = (knownHalves ??= Float32Array.from({ length: 2 ** 16 }, (_, bits) => halfToFloat(bits)));
  const floats = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) floats[i] = known[halves[i]!]!;
  return floats;
}

/** bfloat16 is the upper half of a float32. */
function bfloatsToFloats(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16;
  return new Float32Array(bits.buffer);
}

function invalid(where: string, problem: string, cause?: unknown): ClvError {
  return new ClvError('CHECKPOINT_INVALID', `${where}: ${problem}`, { cause });
}
