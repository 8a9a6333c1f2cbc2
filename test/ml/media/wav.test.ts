import { describe, expect, it } from 'vitest';
import { resampled } from '../../../src/ml/media/resample.js';
import { readWav } from '../../../src/ml/media/wav.js';
import { tone, wavOf, type WavShape } from '../../support/wav.js';

const farthest = (left: ArrayLike<number>, right: ArrayLike<number>): number =>
  Array.from(left).reduce((most, value, i) => Math.max(most, Math.abs(value - right[i]!)), 0);

describe('WAV files', () => {
  const sound = tone(440, 0.05, 8_000);

  it.each<[Omit<WavShape, 'rate'>, number]>([
    [{ bits: 8 }, 0.01],
    [{ bits: 16 }, 1e-4],
    [{ bits: 24, channels: 2, extensible: true }, 1e-6],
    [{ bits: 32 }, 1e-6],
    [{ code: 3, bits: 32, channels: 2 }, 1e-6],
    [{ code: 3, bits: 64 }, 1e-6],
  ])('of the shape %j are read', (shape, tolerance) => {
    const { samples, rate } = readWav(wavOf(sound, { ...shape, rate: 8_000 }));
    expect(rate).toBe(8_000);
    expect(samples).toHaveLength(sound.length);
    expect(farthest(samples, sound)).toBeLessThan(tolerance);
  });

  it('of several channels are averaged', () => {
    const file = wavOf([0.5, -0.5], { rate: 8_000, channels: 2 });
    const data = file.length - 8;
    file.writeInt16LE(0, data);
    expect([...readWav(file).samples]).toEqual([expect.closeTo(0.25, 4), expect.closeTo(-0.5, 4)]);
  });

  it('that end early are read up to their end', () => {
    const file = wavOf(sound, { rate: 8_000 });
    expect(readWav(file.subarray(0, file.length - 201)).samples).toHaveLength(sound.length - 101);
  });

  it('that were never finished, so that they tell no length, are read up to their end', () => {
    const file = wavOf(sound, { rate: 8_000 });
    file.writeUInt32LE(0, 4);
    file.writeUInt32LE(0, file.length - 2 * sound.length - 4);
    const { samples } = readWav(file);
    expect(samples).toHaveLength(sound.length);
    expect(farthest(samples, sound)).toBeLessThan(1e-4);
  });

  it('of no length have no sound, whatever stands behind it', () => {
    const list = Buffer.from('LIST\x0e\0\0\0INFOISFT\x02\0\0\0v1', 'latin1');
    const file = Buffer.concat([wavOf([], { rate: 8_000 }), list]);
    file.writeUInt32LE(file.length - 8, 4);
    expect(readWav(file).samples).toHaveLength(0);
  });

  it.each([NaN, Infinity, -1e300])('with a sample of %d are refused', (sample) => {
    const file = wavOf([0, sample, 0], { rate: 8_000, code: 3, bits: 64 });
    expect(() => readWav(file)).toThrow(/damaged WAV file: it has samples that are not numbers; convert it/);
  });

  it.each([
    ['an MP3 file', Buffer.from('ID3 and so on, and so on'), /is no WAV file; convert it: ffmpeg/],
    [
      'G.711',
      wavOf(sound, { rate: 8_000, code: 6, bits: 8 }),
      /is WAV of format 6 with 8 bits, which is not read; convert/,
    ],
    ['no sound', wavOf(sound, { rate: 8_000 }).subarray(0, 40), /damaged WAV file, without format or sound/],
    [
      'more than six hours',
      wavOf(new Uint8Array(6 * 3_600_000 + 1), { rate: 1_000, bits: 8 }),
      /lasts more than six hours/,
    ],
    ['no channels', wavOf(sound, { rate: 8_000, channels: 0 }), /damaged WAV file, without channels/],
    [
      'a slow rate',
      wavOf(sound, { rate: 500 }),
      /^is WAV with 500 samples a second, of which 1,000 to 384,000 are read; convert it/,
    ],
  ])('of %s say what is wrong', (_, file, message) => {
    expect(() => readWav(file)).toThrow(message);
  });
});

describe('another rate', () => {
  it.each([
    [44_100, 16_000],
    [48_000, 16_000],
    [8_000, 16_000],
    [22_050, 16_000],
  ])('from %d to %d keeps what both can hold', (from, to) => {
    const output = resampled({ samples: Float32Array.from(tone(1_000, 0.5, from)), rate: from }, to);
    const expected = tone(1_000, 0.5, to);
    expect(output).toHaveLength(expected.length);
    expect(farthest(output.subarray(200, -200), expected.subarray(200, -200))).toBeLessThan(0.002);
  });

  it('loses what the lower one cannot hold, rather than fold it back', () => {
    const output = resampled({ samples: Float32Array.from(tone(11_000, 0.5, 44_100)), rate: 44_100 }, 16_000);
    expect(farthest(output.subarray(200, -200), new Float32Array(output.length))).toBeLessThan(0.001);
  });
});
