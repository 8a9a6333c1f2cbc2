import type { RawImage } from '@xenova/transformers';
import { reasonOf } from '../../errors.js';
import { UnreadableFile } from './unreadable-file.js';

/** The format by the first bytes; undefined for one that is not read. */
function formatOf(bytes: Buffer): 'PNG' | 'JPEG' | 'WebP' | undefined {
  if (bytes.subarray(0, 8).equals(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))) return 'PNG';
  if (bytes.subarray(0, 3).equals(Buffer.of(0xff, 0xd8, 0xff))) return 'JPEG';
  const riff = bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP';
  return riff ? 'WebP' : undefined;
}

/** Limited, since a file of less than a megabyte may have so many pixels that they fill the memory. */
const mostPixels = 100_000_000;

/**
 * Reads a picture as three channels, rotated as its EXIF data say. Transparent pixels become white, as on a shop's page: their own colour
 * is often black.
 * @throws UnreadableFile
 */
export async function readPicture(bytes: Buffer): Promise<RawImage> {
  const format = formatOf(bytes);
  if (!format) throw new UnreadableFile('is not a picture in PNG, JPEG or WebP');
  // Imported late: the packages bring libraries and runtimes along.
  const [{ RawImage }, { default: sharp }] = await Promise.all([import('@xenova/transformers'), import('sharp')]);
  try {
    const picture = sharp(bytes, { limitInputPixels: false });
    const { width, height } = await picture.metadata();
    if (width * height > mostPixels) throw new UnreadableFile('has more than 100 million pixels: make it smaller');
    const { data, info } = await picture
      .autoOrient()
      .flatten({ background: 'white' })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    return new RawImage(new Uint8ClampedArray(data), info.width, info.height, 3);
  } catch (error) {
    if (error instanceof UnreadableFile) throw error;
    throw new UnreadableFile(`is a damaged ${format} file: ${reasonOf(error).split('\n')[0]}`, { cause: error });
  }
}

/**
 * Shrinks a picture that is larger than the model's input to its size, by Lanczos's filter: the library skips pixels, while Pillow, which
 * models were trained with, averages them.
 * @param size of the model's `preprocessor_config.json`. In older ones it is a number, the side of a square. The library takes that for
 *   the longest side, so with a number smaller pictures are resized here, too.
 */
export async function shrunk(picture: RawImage, size: unknown): Promise<RawImage> {
  const isSide = typeof size === 'number';
  const seen = isSide ? { width: size, height: size } : size;
  if (typeof seen !== 'object' || seen === null || !('width' in seen) || !('height' in seen)) return picture;
  const { width, height } = seen;
  if (typeof width !== 'number' || typeof height !== 'number') return picture;
  const isLarger = picture.width > width && picture.height > height;
  if (!isLarger && !isSide) return picture;
  return picture.resize(width, height, { resample: isLarger ? 'lanczos' : 'bilinear' });
}
