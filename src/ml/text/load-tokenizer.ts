import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ClvError, reasonOf } from '../../errors.js';
import { shortened } from '../../text.js';
import { type Normalizer, requireKnownSteps } from './known-steps.js';
import { readerOf } from './readable-pieces.js';
import { Tokenizer, type TokenizerFiles } from './tokenizer.js';
import { type PreTokenizer, withUnicodeWords } from './unicode-words.js';

/** The parts of `tokenizer.json` that are looked at here. */
interface Definition {
  readonly normalizer?: Normalizer | null;
  readonly pre_tokenizer?: PreTokenizer | null;
  readonly added_tokens?: readonly { readonly content: string; readonly id: unknown }[];
  readonly model?: {
    readonly vocab?: object | null;
    readonly unk_id?: unknown;
    readonly merges?: unknown;
    readonly continuing_subword_prefix?: unknown;
    readonly end_of_word_suffix?: unknown;
  };
}

/** Checks token ids against the word table. The library takes any number for an id, allocates up to it, and skips what is no number. */
function requireRows({ model, added_tokens: added = [] }: Definition, rows: number): void {
  const vocabulary = model?.vocab ?? {};
  // In a list, a token's position is its id.
  const isList = Array.isArray(vocabulary);
  let tokens = isList ? vocabulary.length : 0;
  const listed = isList ? [] : Object.entries(vocabulary);
  for (const [token, id] of [...listed, ...added.map((one) => [one.content, one.id] as const)]) {
    if (!isIdBelow(id, 2 ** 31)) {
      throw new ClvError('CHECKPOINT_INVALID', `the token ${JSON.stringify(token)} has the id ${id}`);
    }
    tokens = Math.max(tokens, Number(id) + 1);
  }
  if (tokens > rows) {
    throw new ClvError(
      'CHECKPOINT_INVALID',
      `tokenizer.json has ${tokens} tokens and the model's word table only ${rows} rows, so the two come from ` +
        'different models',
    );
  }
  const unknown = model?.unk_id ?? null;
  if (isList && unknown !== null && !isIdBelow(unknown, vocabulary.length)) {
    throw new ClvError(
      'CHECKPOINT_INVALID',
      `unk_id is ${unknown}, and the vocabulary has ${vocabulary.length} tokens`,
    );
  }
}

const isIdBelow = (id: unknown, end: number): boolean => Number.isInteger(id) && Number(id) >= 0 && Number(id) < end;

/** Refuses a BPE with a prefix for pieces inside of words: the library would look them up without it. */
function requireNoPrefix({ model }: Definition): void {
  const prefix = model?.continuing_subword_prefix;
  if (!model?.merges || !prefix) return;
  const text = shortened(JSON.stringify(prefix), 20);
  throw new ClvError('CHECKPOINT_INVALID', `its BPE marks pieces inside of words by ${text}, which is not computed`);
}

/**
 * @param where whose files they are, for messages
 * @param rows of the model's word table, which has one for every token
 * @throws ClvError CHECKPOINT_INVALID if the files do not describe a tokenizer for single texts, or one of another model
 */
export async function createTokenizer(
  files: TokenizerFiles,
  where = 'tokenizer.json',
  rows = Infinity,
): Promise<Tokenizer> {
  // Imported late: the package brings all of its runtimes along.
  const { PreTrainedTokenizer } = await import('@xenova/transformers');
  try {
    const definition = JSON.parse(files.tokenizer) as Definition;
    const cut = definition.pre_tokenizer;
    const understood = cut ? { ...definition, pre_tokenizer: withUnicodeWords(cut) } : definition;
    requireRows(definition, rows);
    requireNoPrefix(definition);
    requireKnownSteps(definition.normalizer, cut);
    const reader = readerOf(cut, definition.model?.end_of_word_suffix);
    const inner = new PreTrainedTokenizer(understood, JSON.parse(files.config));
    return new Tokenizer(inner, cut?.type === 'BertPreTokenizer', reader, files);
  } catch (error) {
    const reason = reasonOf(error);
    throw new ClvError('CHECKPOINT_INVALID', `${where}: the tokenizer cannot be read: ${reason}. ${writeAnew}`, {
      cause: error,
    });
  }
}

const writeAnew = 'Write it anew with Python: AutoTokenizer.from_pretrained(name).save_pretrained(folder).';

/** `createTokenizer` of the `tokenizer.json` and `tokenizer_config.json` in a folder. @throws ClvError CHECKPOINT_INVALID */
export async function loadTokenizer(folder: string, rows?: number): Promise<Tokenizer> {
  const read = async (name: string): Promise<string> => {
    const file = path.join(folder, name);
    return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new ClvError('CHECKPOINT_INVALID', `${file} cannot be read (${error.code}). ${writeAnew}`);
    });
  };
  const files = { tokenizer: await read('tokenizer.json'), config: await read('tokenizer_config.json') };
  return createTokenizer(files, folder, rows);
}
