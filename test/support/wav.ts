export interface WavShape {
  readonly rate: number;
  readonly channels?: number;
  /** 1 is PCM, 3 floats. */
  readonly code?: 1 | 3 | 6;
  readonly bits?: 8 | 16 | 24 | 32 | 64;
  /** Whether the format's code stands in the subformat, as in files of several channels. */
  readonly extensible?: boolean;
}

/** A WAV file of samples from -1 to 1, the same in all channels. */
export function wavOf(samples: ArrayLike<number>, shape: WavShape): Buffer {
  const { rate, channels = 1, code = 1, bits = 16, extensible = false } = shape;
  const width = bits / 8;
  const data = Buffer.alloc(samples.length * channels * width);
  for (let i = 0; i < samples.length * channels; i++) write(data, i * width, samples[Math.floor(i / channels)]!, shape);
  const format = Buffer.alloc(extensible ? 40 : 16);
  format.writeUInt16LE(extensible ? 0xfffe : code, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(rate, 4);
  format.writeUInt32LE(rate * channels * width, 8);
  format.writeUInt16LE(channels * width, 12);
  format.writeUInt16LE(bits, 14);
  if (extensible) format.writeUInt16LE(code, 24);
  // A chunk of odd length that readers skip, with the byte that fills it up.
  const note = chunk('note', Buffer.from('abc'));
  const content = Buffer.concat([Buffer.from('WAVE'), chunk('fmt ', format), note, chunk('data', data)]);
  return chunk('RIFF', content);
}

function chunk(name: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(name, 'latin1');
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, content, Buffer.alloc(content.length % 2)]);
}

function write(data: Buffer, at: number, sample: number, { code = 1, bits = 16 }: WavShape): void {
  if (code === 3 && bits === 64) data.writeDoubleLE(sample, at);
  else if (code === 3) data.writeFloatLE(sample, at);
  else if (bits === 8) data.writeUInt8(Math.round(128 + 127 * sample), at);
  else data.writeIntLE(Math.round(sample * (2 ** (bits - 1) - 1)), at, bits / 8);
}

/** A tone of so many hertz. */
export function tone(hertz: number, seconds: number, rate: number): Float64Array {
  return Float64Array.from({ length: seconds * rate }, (_, i) => 0.4 * Math.sin((2 * Math.PI * hertz * i) / rate));
}
