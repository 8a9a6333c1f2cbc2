import { RawImage } from '@xenova/transformers';
import { describe, expect, it } from 'vitest';
import { readPicture, shrunk } from '../../../src/ml/media/picture.js';
import { Random } from '../../../src/random.js';

const picture = (width: number, height: number, pixel: () => number) =>
  new RawImage(Uint8ClampedArray.from({ length: 3 * width * height }, pixel), width, height, 3);

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

  it.each([1, 2, 4] as const)('of %d channels come in three, white where they are transparent', async (channels) => {
    const hasAlpha = channels % 2 === 0;
    const data = Uint8ClampedArray.from({ length: 2 * channels }, (_, i) =>
      hasAlpha && i % channels === channels - 1 ? (i < channels ? 0 : 255) : 40,
    );
    const png = await new RawImage(data, 2, 1, channels).toSharp().png().toBuffer();
    const read = await readPicture(png);
    expect([...read.data]).toEqual([...Array(3).fill(hasAlpha ? 255 : 40), 40, 40, 40]);
  });

  it('are turned upright', async () => {
    const lying = picture(40, 20, () => 9).toSharp();
    const read = await readPicture(await lying.withMetadata({ orientation: 6 }).jpeg().toBuffer());
    expect([read.width, read.height]).toEqual([20, 40]);
  });
});
