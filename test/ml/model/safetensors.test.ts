import { constants } from 'node:buffer';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { parseSafetensors, writeSafetensors } from '../../../src/ml/model/safetensors.js';
import { float32, int32 } from './support.js';

const tensors = {
  'a.weight': float32([2, 3], (i) => i / 3 - 1),
  b: int32([4], (i) => -i),
  empty: float32([0, 5], () => 0),
  scalar: float32([], () => 1e-30),
};

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** A file made by hand: header, then bytes. */
function file(header: unknown, body: Uint8Array = new Uint8Array()): Buffer {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, body]);
}

describe('safetensors', () => {
  it('come back as they were written', () => {
    const read = parseSafetensors(writeSafetensors(tensors, { kind: 'test', ünï: '"\n' }), 'x');
    expect(read.names).toEqual(Object.keys(tensors));
    expect(read.metadata).toEqual({ kind: 'test', ünï: '"\n' });
    for (const [name, tensor] of Object.entries(tensors)) expect(read.tensor(name)).toEqual(tensor);
  });

  it('are aligned to eight bytes', () => {
    for (const name of ['a', 'ab', 'abc', 'abcdefg']) {
      const bytes = writeSafetensors({ [name]: float32([1], () => 1) });
      expect(Number(bytes.readBigUInt64LE(0)) % 8).toBe(0);
    }
  });

  it('can be read where a file does not align them', () => {
    const bytes = writeSafetensors(tensors);
    const shifted = Buffer.concat([Buffer.alloc(3), bytes]).subarray(3);
    expect(parseSafetensors(shifted, 'x').tensor('a.weight')).toEqual(tensors['a.weight']);
  });

  it('decode half precision', () => {
    // 1, -2, the smallest subnormal, 65504, infinity.
    const halves = Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00);
    const header = { h: { dtype: 'F16', shape: [5], data_offsets: [0, 10] } };
    const { data } = parseSafetensors(file(header, new Uint8Array(halves.buffer)), 'x').tensor('h');
    expect([...data]).toEqual([1, -2, 2 ** -24, 65504, Infinity]);
  });

  it('decode bfloat16', () => {
    const halves = Uint16Array.of(0x3f80, 0xc040, 0x0000);
    const header = { h: { dtype: 'BF16', shape: [3], data_offsets: [0, 6] } };
    const { data } = parseSafetensors(file(header, new Uint8Array(halves.buffer)), 'x').tensor('h');
    expect([...data]).toEqual([1, -3, 0]);
  });

  it.each(['F16', 'BF16'])(
    'decode %s number by number: a list of all would be too long for the largest tables',
    (dtype) => {
      const count = 4_000_000;
      const header = { h: { dtype, shape: [count], data_offsets: [0, 2 * count] } };
      const read = parseSafetensors(file(header, new Uint8Array(2 * count)), 'x');
      collectGarbage();
      const before = process.memoryUsage().heapUsed;
      expect(read.tensor('h').data).toHaveLength(count);
      // The numbers themselves lie outside of the heap.
      expect(process.memoryUsage().heapUsed - before).toBeLessThan(count);
    },
  );

  it('leave other types alone until they are asked for', () => {
    const header = { ids: { dtype: 'I64', shape: [1], data_offsets: [0, 8] } };
    const read = parseSafetensors(file(header, new Uint8Array(8)), 'w.safetensors');
    expect(read.shape('ids')).toEqual([1]);
    expect(() => read.tensor('ids')).toThrow(/w\.safetensors: tensor ids is of type I64/);
  });

  it.each([
    ['an empty file', Buffer.alloc(0), /0 bytes are too few/],
    ['another format', Buffer.from('PK\u0003\u0004 this is a zip archive'), /not in the safetensors format/],
    ['a header that is cut off', writeSafetensors(tensors).subarray(0, 40), /truncated/],
    [
      'tensors that are cut off',
      writeSafetensors(tensors).subarray(0, -5),
      /tensor b ends at byte 40 of 39: the file is truncated/,
    ],
    ['a header that is not JSON', file('{"a":'), /header is not JSON/],
    ['a header of numbers', file('[1, 2]'), /header is not valid/],
    ['a tensor without a type', file({ a: { shape: '[1]' } }), /header of tensor a lacks/],
    [
      'tensors that share bytes',
      file(
        {
          a: { dtype: 'I8', shape: [4], data_offsets: [2, 6] },
          none: { dtype: 'I8', shape: [0], data_offsets: [2, 2] },
          b: { dtype: 'I8', shape: [3], data_offsets: [0, 3] },
        },
        new Uint8Array(8),
      ),
      /the tensors b and none overlap/,
    ],
    [
      'one tensor by two names',
      file(
        {
          a: { dtype: 'I8', shape: [4], data_offsets: [0, 4] },
          b: { dtype: 'I8', shape: [4], data_offsets: [0, 4] },
        },
        new Uint8Array(4),
      ),
      /the tensors a and b overlap/,
    ],
    [
      'a tensor shorter than its shape',
      file({ a: { dtype: 'F32', shape: [3], data_offsets: [0, 8] } }, new Uint8Array(8)),
      /tensor a of shape \[3\] in F32 needs 12 bytes and has 8/,
    ],
  ])('refuse %s', (_, bytes, message) => {
    expect(() => parseSafetensors(bytes, 'model.safetensors')).toThrow(message);
    expect(() => parseSafetensors(bytes, 'model.safetensors')).toThrow(
      expect.objectContaining({ code: 'CHECKPOINT_INVALID' }),
    );
  });

  it('refuse a header that is longer than a string can be', () => {
    const bytes = Buffer.alloc(8 + constants.MAX_STRING_LENGTH + 1);
    bytes.writeBigUInt64LE(BigInt(bytes.length - 8));
    expect(() => parseSafetensors(bytes, 'x')).toThrow(expect.objectContaining({ code: 'CHECKPOINT_INVALID' }));
  });

  it('say of a header with very many mistakes what the first ones are', () => {
    const header = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`${i}${'x'.repeat(50)}`, 5]));
    let message = '';
    try {
      parseSafetensors(file(header), 'x');
    } catch (error) {
      ({ message } = error as Error);
    }
    expect(message).toMatch(/^x: its header is not valid:\n.* Invalid input/);
    expect(message.length).toBeLessThan(3_000);
  });
});
