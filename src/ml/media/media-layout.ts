import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ClvError } from '../../errors.js';

export type Medium = 'picture' | 'recording';

/** The `model_type` that a model for the medium must have, and an example on the public hub. */
export const mediaModels: Readonly<Record<Medium, { readonly type: string; readonly example: string }>> = {
  picture: { type: 'vision-encoder-decoder', example: 'Xenova/vit-gpt2-image-captioning' },
  recording: { type: 'whisper', example: 'onnx-community/whisper-base' },
};

/** A model's files besides the weights, in Hugging Face layout. */
export const mediaFiles = [
  'config.json',
  'generation_config.json',
  'preprocessor_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
] as const;

/** Where weights may lie: as on the hub, or as optimum writes them; float32 is preferred to 8 bits. */
interface WeightsPlace {
  readonly folder: 'onnx' | '';
  readonly precision: 'fp32' | 'q8';
  readonly files: readonly string[];
}

export const weightsPlaces: readonly WeightsPlace[] = (['onnx', ''] as const).flatMap((folder) =>
  (['fp32', 'q8'] as const).map((precision) => ({
    folder,
    precision,
    files: ['encoder_model', 'decoder_model_merged'].map((name) =>
      path.posix.join(folder, `${name}${precision === 'q8' ? '_quantized' : ''}.onnx`),
    ),
  })),
);

/**
 * Finds the weights in the folder of a model for the medium, and checks that nothing is missing.
 * @throws ClvError CHECKPOINT_INVALID
 */
export async function locateWeights(folder: string, medium: Medium): Promise<WeightsPlace> {
  const isThere = (file: string): boolean => existsSync(path.join(folder, file));
  const missing = mediaFiles.find((file) => !isThere(file));
  if (missing) throw new ClvError('CHECKPOINT_INVALID', `${folder} has no ${missing}. ${howToExport(medium)}`);
  await requireType(folder, medium);
  const place = weightsPlaces.find(({ files }) => files.every(isThere));
  if (!place) throw withoutWeights(folder, medium);
  return place;
}

/** Refuses a model of another type, before its weights are downloaded or loaded. @throws ClvError CHECKPOINT_INVALID */
export async function requireType(folder: string, medium: Medium): Promise<void> {
  const { type } = mediaModels[medium];
  const { model_type: found } = await readSettings(folder, 'config.json');
  if (found === type) return;
  throw new ClvError(
    'CHECKPOINT_INVALID',
    `${folder} is a model of type ${String(found)}; a ${medium} takes one of type ${type}. ${howToExport(medium)}`,
  );
}

export function withoutWeights(where: string, medium: Medium): ClvError {
  const [{ files }] = weightsPlaces as [WeightsPlace];
  return new ClvError(
    'CHECKPOINT_INVALID',
    `${where} has no ONNX weights (${files.join(', ')}). ${howToExport(medium)}`,
  );
}

export function howToExport(medium: Medium): string {
  return (
    `Name a model that has them, such as ${mediaModels[medium].example}, or write them with Python: ` +
    'pip install "optimum[onnxruntime]" && optimum-cli export onnx --model <name or folder> <new folder>.'
  );
}

/** A JSON file of the model's. @throws ClvError CHECKPOINT_INVALID */
export async function readSettings(folder: string, file: string): Promise<Readonly<Record<string, unknown>>> {
  const where = path.join(folder, file);
  try {
    const settings: unknown = JSON.parse(await readFile(where, 'utf8'));
    if (typeof settings === 'object' && settings !== null) return { ...settings };
  } catch (cause) {
    throw new ClvError('CHECKPOINT_INVALID', `${where} cannot be read as JSON.`, { cause });
  }
  throw new ClvError('CHECKPOINT_INVALID', `${where} is not a JSON object.`);
}
