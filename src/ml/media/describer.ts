import path from 'node:path';
import { ClvError, reasonOf } from '../../errors.js';
import { locateWeights, type Medium, readSettings } from './media-layout.js';
import { readPicture, shrunk } from './picture.js';
import { UnreadableFile } from './unreadable-file.js';
import { resampled } from './resample.js';
import { readWav } from './wav.js';

/** Describes pictures, or transcribes recordings. */
export interface Describer {
  /**
   * @param content a file
   * @returns a sentence, or what is said; '' where there is nothing
   * @throws UnreadableFile
   */
  describe(content: Buffer): Promise<string>;
  /** Gives back the model's memory. */
  close(): Promise<void>;
}

/**
 * Loads a captioner (ViT and GPT-2 in transformers' VisionEncoderDecoder) or a recogniser (Whisper), to run on the
 * CPU. Tokens are chosen greedily, so that the same file always gives the same text.
 * @param folder in Hugging Face layout, with ONNX weights
 * @param language that is spoken in recordings, as Whisper's code, e.g. `de`; English where not given
 * @throws ClvError CHECKPOINT_INVALID; BAD_USER_INPUT for a language that the model does not know
 */
export async function loadDescriber(medium: Medium, folder: string, language?: string): Promise<Describer> {
  const given = path.resolve(folder);
  const place = await locateWeights(given, medium);
  const options = { local_files_only: true, device: 'cpu', dtype: place.precision, subfolder: place.folder } as const;
  const spoken = medium === 'recording' ? await languageOf(given, language) : undefined;
  try {
    return medium === 'picture' ? await captioner(given, options) : await recogniser(given, options, spoken);
  } catch (cause) {
    const [reason] = reasonOf(cause).split('\n');
    throw new ClvError('CHECKPOINT_INVALID', `The model in ${given} cannot be loaded: ${reason}`, { cause });
  }
}

const greedily = { do_sample: false, num_beams: 1 };
/** Largest sample of a recording in which nothing was recorded: two steps of 16 bits. */
const silence = 2 ** -14;

interface LoadOptions {
  readonly local_files_only: true;
  readonly device: 'cpu';
  readonly dtype: 'fp32' | 'q8';
  readonly subfolder: string;
}

async function captioner(folder: string, options: LoadOptions): Promise<Describer> {
  const { pipeline } = await import('@xenova/transformers');
  const { size } = await readSettings(folder, 'preprocessor_config.json');
  const model = await pipeline('image-to-text', folder, options);
  return {
    async describe(content) {
      const picture = await shrunk(await readPicture(content), size);
      const [caption] = await answered(() => model(picture, greedily));
      return caption?.generated_text.trim() ?? '';
    },
    close: async () => void (await model.dispose()),
  };
}

async function recogniser(folder: string, options: LoadOptions, language: string | undefined): Promise<Describer> {
  const { pipeline } = await import('@xenova/transformers');
  const { chunk_length = 30, sampling_rate = 16_000 } = await readSettings(folder, 'preprocessor_config.json');
  const model = await pipeline('automatic-speech-recognition', folder, options);
  // Longer recordings are cut into overlapping pieces of the length of the model's input.
  const settings = { ...greedily, chunk_length_s: Number(chunk_length), ...(language !== undefined && { language }) };
  return {
    async describe(content) {
      const sound = resampled(readWav(content), Number(sampling_rate));
      // Of silence, Whisper makes words up.
      if (!sound.some((sample) => Math.abs(sample) > silence)) return '';
      const { text } = await answered(() => model(sound, settings));
      return text.trim();
    },
    close: async () => void (await model.dispose()),
  };
}

/** Turns a model's failure into `UnreadableFile`: one file must not stop the others. */
async function answered<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    throw new UnreadableFile(`is nothing that the model can take: ${reasonOf(cause).split('\n')[0]}`, { cause });
  }
}

/** The language for the model; undefined for a model of English only, which takes none. */
async function languageOf(folder: string, language: string | undefined): Promise<string | undefined> {
  const { is_multilingual, lang_to_id } = await readSettings(folder, 'generation_config.json');
  const known = Object.keys(lang_to_id ?? {}).map((token) => token.replaceAll(/[<|>]/g, ''));
  if (is_multilingual !== true) {
    if (language === undefined || language === 'en') return undefined;
    throw new ClvError('BAD_USER_INPUT', `The model in ${folder} understands English only, not ${language}.`);
  }
  const chosen = language ?? 'en';
  if (known.includes(chosen)) return chosen;
  throw new ClvError(
    'BAD_USER_INPUT',
    `The model in ${folder} does not know the language ${chosen}; it knows ${known.join(', ')}.`,
  );
}
