import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { ClvError } from '../../errors.js';
import type { HostTensor, TensorData } from '../engine/engine.js';
import { loadTokenizer } from '../text/load-tokenizer.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { parseEncoderSpec } from './hf-config.js';
import { storedWeight, type StoredWeight } from './hf-names.js';
import { parseSafetensors, type Safetensors } from './safetensors.js';
import type { EncoderSpec } from './spec.js';
import { encoderShapes, type HostWeights } from './weights.js';

export const weightsFile = 'model.safetensors';
export const weightsIndexFile = 'model.safetensors.index.json';
/** Pickled weights in one file, or the index of their parts. */
export const pickledWeightsFiles = ['pytorch_model.bin', 'pytorch_model.bin.index.json'];

/** A pretrained language model, without its task's head. */
export interface Checkpoint {
  readonly spec: EncoderSpec;
  /** The weights of `encoderShapes(spec)`. */
  readonly weights: HostWeights;
  readonly tokenizer: Tokenizer;
}

/**
 * Loads an encoder from a folder in Hugging Face layout: `config.json`, `tokenizer.json`, `tokenizer_config.json`,
 * and `model.safetensors` or `model.safetensors.index.json` with its parts. The weights of a task's head are ignored.
 * @throws ClvError CHECKPOINT_INVALID naming the file, the tensor and what was expected of it
 */
export async function loadCheckpoint(folder: string): Promise<Checkpoint> {
  const configFile = path.join(folder, 'config.json');
  const spec = parseEncoderSpec(parseJson(await readText(configFile), configFile), configFile);
  const files = await openWeights(folder);
  const weights: HostWeights = {};
  for (const [name, shape] of Object.entries(encoderShapes(spec))) {
    weights[name] = readWeight(folder, files, storedWeight(spec.modelType, name, shape));
  }
  const tokenizer = await loadTokenizer(folder, spec.vocabSize);
  return { spec, weights, tokenizer };
}

/** How the pointer begins that a clone without Git LFS has in place of a large file. */
const lfsPointer = 'version https://git-lfs.github.com/spec/';

function parsedWeights(bytes: Buffer, file: string): Safetensors {
  if (bytes.toString('latin1', 0, lfsPointer.length) !== lfsPointer) return parseSafetensors(bytes, file);
  throw new ClvError(
    'CHECKPOINT_INVALID',
    `${file} is only Git LFS's pointer to the weights. Fetch them: git lfs install && git lfs pull, in its folder.`,
  );
}

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });
/** A file in the folder itself, without a path. */
const partName = /^\w[\w.-]{0,200}$/;
/** Far more than the largest models have. */
const mostParts = 1_000;

async function openWeights(folder: string): Promise<Safetensors[]> {
  const single = path.join(folder, weightsFile);
  const bytes = await readIfThere(single);
  if (bytes) return [parsedWeights(bytes, single)];

  const indexFile = path.join(folder, weightsIndexFile);
  const index = await readIfThere(indexFile);
  if (!index)
    throw noSafetensors(
      folder,
      pickledWeightsFiles.find((file) => existsSync(path.join(folder, file))),
    );
  const parts = weightParts(index.toString('utf8'), indexFile).map((name) => path.join(folder, name));
  return Promise.all(parts.map(async (part) => parsedWeights(await readBytes(part), part)));
}

/**
 * Names of the files that the weights are spread over.
 * @param index content of `model.safetensors.index.json`
 * @throws ClvError CHECKPOINT_INVALID
 */
export function weightParts(index: string, where: string): string[] {
  const parsed = indexSchema.safeParse(parseJson(index, where));
  if (!parsed.success) throw new ClvError('CHECKPOINT_INVALID', `${where}: there is no weight_map of names to files.`);
  const parts = [...new Set(Object.values(parsed.data.weight_map))];
  if (parts.length > mostParts) {
    throw new ClvError('CHECKPOINT_INVALID', `${where} names ${parts.length} files; at most ${mostParts} are read.`);
  }
  const odd = parts.find((part) => !partName.test(part));
  if (odd === undefined) return parts;
  throw new ClvError(
    'CHECKPOINT_INVALID',
    `${where}: ${JSON.stringify(odd.slice(0, 60))} is not the name of a weights file.`,
  );
}

/**
 * Pickled weights are not read, since reading them runs code.
 * @param pickled the file with pickled weights, if there is one
 */
export function noSafetensors(where: string, pickled: string | undefined): ClvError {
  return new ClvError(
    'CHECKPOINT_INVALID',
    pickled
      ? `${where} has its weights in ${pickled} only, which is not read. Convert it with Python: ` +
          'AutoModel.from_pretrained(name).save_pretrained(folder) and AutoTokenizer.from_pretrained(name).' +
          `save_pretrained(folder) write ${weightsFile} and tokenizer.json; then give that folder as the base.`
      : `${where} has neither ${weightsFile} nor ${weightsIndexFile}. Give a folder that save_pretrained wrote.`,
  );
}

function readWeight(folder: string, files: Safetensors[], { names, shape, decode }: StoredWeight): HostTensor {
  for (const file of files) {
    const name = names.find((candidate) => file.has(candidate));
    if (name === undefined) continue;
    const found = file.shape(name);
    if (found.join() !== shape.join()) {
      throw new ClvError(
        'CHECKPOINT_INVALID',
        `${folder}: tensor ${name} has the shape [${found.join(', ')}]; config.json makes it [${shape.join(', ')}].`,
      );
    }
    const tensor = decode(file.tensor(name));
    if (tensor.dtype !== 'float32' || !areFinite(tensor.data)) {
      throw new ClvError('CHECKPOINT_INVALID', `${folder}: tensor ${name} has values that are not finite numbers.`);
    }
    return tensor;
  }
  throw new ClvError(
    'CHECKPOINT_INVALID',
    `${folder}: the weights lack the tensor ${names[0]} of shape [${shape.join(', ')}], which config.json asks for.`,
  );
}

/** A loop: `every` takes several times as long, and blocks the process meanwhile. */
function areFinite(data: TensorData): boolean {
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return false;
  return true;
}

async function readText(file: string): Promise<string> {
  return (await readBytes(file)).toString('utf8');
}

async function readBytes(file: string): Promise<Buffer> {
  const bytes = await readIfThere(file);
  if (!bytes) throw new ClvError('CHECKPOINT_INVALID', `${file} is missing. A checkpoint needs it.`);
  return bytes;
}

async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    const why =
      code === 'ERR_FS_FILE_TOO_LARGE'
        ? 'is larger than 2 GiB. Write it in parts with Python: save_pretrained(folder, max_shard_size="1GB").'
        : `cannot be read (${code}).`;
    throw new ClvError('CHECKPOINT_INVALID', `${file} ${why}`, { cause: error });
  }
}

/** @throws ClvError CHECKPOINT_INVALID */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ClvError('CHECKPOINT_INVALID', `${file} is not JSON.`, { cause: error });
  }
}
