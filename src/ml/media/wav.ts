import { UnreadableFile } from './unreadable-file.js';

/** A recording as one channel of samples from -1 to 1. */
export interface Sound {
  readonly samples: Float32Array;
  /** Samples a second. */
  readonly rate: number;
}

interface Format {
  readonly code: number;
  readonly channels: number;
  readonly rate: number;
  readonly bits: number;
}

type Reader = (bytes: Buffer, at: number) => number;

const pcm = 1;
const float = 3;
/** The format code that is in the first two bytes of the subformat. */
const extensible = 0xfffe;

const readers: Readonly<Record<string, Reader>> = {
  [`${pcm}/8`]: (bytes, at) => (bytes[at]! - 128) / 128,
  [`${pcm}/16`]: (bytes, at) => bytes.readInt16LE(at) / 2 ** 15,
  [`${pcm}/24`]: (bytes, at) => bytes.readIntLE(at, 3) / 2 ** 23,
  [`${pcm}/32`]: (bytes, at) => bytes.readInt32LE(at) / 2 ** 31,
  [`${float}/32`]: (bytes, at) => bytes.readFloatLE(at),
  [`${float}/64`]: (bytes, at) => bytes.readDoubleLE(at),
};

/** Limited, since a low rate blows a file up: 8 bits at 1,000 samples a second are 64 times as many bytes as floats at the model's rate. */
const longestSeconds = 6 * 3_600;

const convert = 'convert it: ffmpeg -i <file> -ac 1 -ar 16000 -c:a pcm_s16le <new file>.wav';

/**
 * Reads a WAV file: PCM of 8, 16, 24 or 32 bits, or floats, of any rate; several channels are averaged.
 * A file that ends early, or does not say how long its sound is, is read up to its end.
 * @throws UnreadableFile
 */
export function readWav(bytes: Buffer): Sound {
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE') {
    throw new UnreadableFile(`is no WAV file; ${convert}`);
  }
  const { format, data } = chunksOf(bytes);
  if (!format || !data) throw new UnreadableFile(`is a damaged WAV file, without format or sound; ${convert}`);
  const { code, channels, rate, bits } = format;
  const read = readers[`${code}/${bits}`];
  if (!read) throw new UnreadableFile(`is WAV of format ${code} with ${bits} bits, which is not read; ${convert}`);
  if (channels < 1) throw new UnreadableFile(`is a damaged WAV file, without channels; ${convert}`);
  if (rate < 1_000 || rate > 384_000) {
    throw new UnreadableFile(`is WAV with ${rate} samples a second, of which 1,000 to 384,000 are read; ${convert}`);
  }
  const width = bits / 8;
  const length = Math.floor(data.length / (width * channels));
  if (length > longestSeconds * rate) throw new UnreadableFile('lasts more than six hours: cut it into pieces');
  const samples = new Float32Array(length);
  for (let i = 0; i < samples.length; i++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += read(data, (i * channels + channel) * width);
    samples[i] = sum / channels;
  }
  if (!samples.every(Number.isFinite)) {
    throw new UnreadableFile(`is a damaged WAV file: it has samples that are not numbers; ${convert}`);
  }
  return { samples, rate };
}

function chunksOf(bytes: Buffer): { format?: Format; data?: Buffer } {
  const found: { format?: Format; data?: Buffer } = {};
  // A recorder that was interrupted has not written the lengths of the file and of its sound.
  const isFinished = bytes.readUInt32LE(4) + 8 === bytes.length;
  for (let at = 12; at + 8 <= bytes.length;) {
    const name = bytes.toString('latin1', at, at + 4);
    const announced = bytes.readUInt32LE(at + 4);
    const length = name === 'data' && announced === 0 && !isFinished ? Infinity : announced;
    const content = bytes.subarray(at + 8, at + 8 + length);
    if (name === 'fmt ' && content.length >= 16) found.format = formatOf(content);
    if (name === 'data') return { ...found, data: content };
    at += 8 + content.length + (content.length % 2);
  }
  return found;
}

function formatOf(chunk: Buffer): Format {
  const code = chunk.readUInt16LE(0);
  return {
    code: code === extensible && chunk.length >= 26 ? chunk.readUInt16LE(24) : code,
    channels: chunk.readUInt16LE(2),
    rate: chunk.readUInt32LE(4),
    bits: chunk.readUInt16LE(14),
  };
}
