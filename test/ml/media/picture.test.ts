import { crc32, deflateSync } from 'node:zlib';
import { RawImage } from '@xenova/transformers';
import { describe, expect, it } from 'vitest';
import { readPicture, shrunk } from '../../../src/ml/media/picture.js';
import { Random } from '../../../src/random.js';

const picture = (width: number, height: number, pixel: () => number) =>
  new RawImage(Uint8ClampedArray.from({ length: 3 * width * height }, pixel), width, height, 3);

/** A PNG of one row of two pixels, byte for byte: libraries write grey with transparency as colours, and say the truth. */
function pngOf(colourType: number, row: readonly number[], [width, height] = [2, 1]): Buffer {
  const chunk = (name: string, content: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(name, 'latin1'), content]);
    const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(content.length);
    checksum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, checksum]);
  };
  const header = Buffer.of(0, 0, 0, 0, 0, 0, 0, 0, 8, colourType, 0, 0, 0);
  header.writeUInt32BE(width!);
  header.writeUInt32BE(height!, 4);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.of(0, ...row))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('pictures', () => {
  it('larger than the model sees are averaged, as Pillow does, not thinned out', async () => {
    const random = new Random(7);
    const noise = picture(320, 320, () => 255 * random.integer(2));
    const { data, width, height } = await shrunk(noise, { width: 32, height: 32 });
    expect([width, height]).toEqual([32, 32]);
    // A tenth of the width: the noise, of 127, becomes about a tenth.
    const deviation = Math.sqrt(Array.from(data).reduce((sum, value) => sum + (value - 127) ** 2, 0) / data.length);
    expect(deviation).toBeLessThan(20);
  });

  it('no larger than that, or of an unknown size, stay as they are', async () => {
    const small = picture(32, 64, () => 7);
    expect(await shrunk(small, { width: 32, height: 32 })).toBe(small);
    expect(await shrunk(small, { shortest_edge: 16 })).toBe(small);
    expect(await shrunk(small, undefined)).toBe(small);
  });

  it('all become a square where the model tells its side alone, as older ones do', async () => {
    for (const given of [picture(32, 64, () => 7), picture(8, 40, () => 7), picture(4, 6, () => 7)]) {
      const { width, height } = await shrunk(given, 16);
      expect([width, height]).toEqual([16, 16]);
    }
  });

  it.each([
    ['grey', 0],
    ['grey that may be transparent', 4],
    ['colours', 2],
    ['colours that may be transparent', 6],
  ])('of %s come in three channels, white where they are transparent', async (_what, colourType) => {
    const hasAlpha = colourType >= 4;
    const colours = colourType % 4 === 0 ? [40] : [40, 40, 40];
    const pixel = (alpha: number): number[] => [...colours, ...(hasAlpha ? [alpha] : [])];
    const read = await readPicture(pngOf(colourType, [...pixel(0), ...pixel(255)]));
    expect([read.width, read.height, read.channels]).toEqual([2, 1, 3]);
    expect([...read.data]).toEqual([...Array<number>(3).fill(hasAlpha ? 255 : 40), 40, 40, 40]);
  });

  it('of more pixels than there is room for are refused before they are read', async () => {
    const said = { name: 'UnreadableFile', message: 'has more than 100 million pixels: make it smaller' };
    await expect(readPicture(pngOf(0, [40, 40], [16_000, 16_000]))).rejects.toMatchObject(said);
    await expect(readPicture(pngOf(0, [40, 40], [40_000, 40_000]))).rejects.toMatchObject(said);
  });

  it('are turned upright', async () => {
    const lying = picture(40, 20, () => 9).toSharp();
    const read = await readPicture(await lying.withMetadata({ orientation: 6 }).jpeg().toBuffer());
    expect([read.width, read.height]).toEqual([20, 40]);
  });
});
