import type { RawImage } from '@xenova/transformers';
import { reasonOf } from '../../errors.js';
import { UnreadableFile } from './unreadable-file.js';

/** The first bytes of the formats that are read. */
function formatOf(bytes: Buffer): 'PNG' | 'JPEG' | 'WebP' | undefined {
  if (bytes.subarray(0, 8).equals(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))) return 'PNG';
  if (bytes.subarray(0, 3).equals(Buffer.of(0xff, 0xd8, 0xff))) return 'JPEG';
  const riff = bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP';
  return riff ? 'WebP' : undefined;
}

/**
 * Reads a picture as three channels, upright as its EXIF data say. What is transparent becomes white, as on the page of
 * a shop: what a cut-out hides is often black.
 * @throws UnreadableFile
 */
export async function readPicture(bytes: Buffer): Promise<RawImage> {
  const format = formatOf(bytes);
  if (!format) throw new UnreadableFile('is no picture in PNG, JPEG or WebP');
  // Imported late: the package brings all of its runtimes along.
  const { RawImage } = await import('@xenova/transformers');
  try {
    const { data, width, height, channels } = await RawImage.fromBlob(new Blob([new Uint8Array(bytes)]));
    return new RawImage(onWhite(data, channels), width, height, 3);
  } catch (error) {
    throw new UnreadableFile(`is a damaged ${format} file: ${reasonOf(error).split('\n')[0]}`, { cause: error });
  }
}

/**
 * A picture that is larger than what the model sees, shrunk to that by Lanczos's filter. The library's own way skips
 * pixels; Pillow, with which models were trained, averages them.
 * @param size of the model's `preprocessor_config.json`
 */
export async function shrunk(picture: RawImage, size: unknown): Promise<RawImage> {
  if (typeof size !== 'object' || size === null || !('width' in size) || !('height' in size)) return picture;
  const { width, height } = size;
  if (typeof width !== 'number' || typeof height !== 'number') return picture;
  if (picture.width <= width || picture.height <= height) return picture;
  return picture.resize(width, height, { resample: 'lanczos' });
}

/** Red, green and blue of pixels that have these, or grey alone, each with transparency or without. */
function onWhite(data: RawImage['data'], channels: number): Uint8ClampedArray {
  const pixels = data.length / channels;
  const hasAlpha = channels % 2 === 0;
  const colours = hasAlpha ? channels - 1 : channels;
  const output = new Uint8ClampedArray(3 * pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const at = pixel * channels;
    const share = hasAlpha ? data[at + colours]! / 255 : 1;
    for (let i = 0; i < 3; i++) {
      output[3 * pixel + i] = data[at + (i % colours)]! * share + 255 * (1 - share);
    }
  }
  return output;
}
