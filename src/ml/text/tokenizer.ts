import type { PreTrainedTokenizer } from '@xenova/transformers';
import { ClvError } from '../../errors.js';
import type { FeatureGroup, NarrativeSpan } from '../features/feature-group.js';
import type { Reader } from './readable-pieces.js';

/** The two files that make a tokenizer, as text. They travel with a model, so that it can be used without its folder. */
export interface TokenizerFiles {
  /** `tokenizer.json` */
  readonly tokenizer: string;
  /** `tokenizer_config.json` */
  readonly config: string;
}

/**
 * A narrative as the model reads it: `[CLS] narrative [SEP]`, or for GPT-2, whose only special token is the mark between two texts,
 * `<|endoftext|> narrative`. All arrays have one entry for each token.
 */
export interface Encoding {
  readonly ids: Int32Array;
  /** Group of the span that a token comes from; '' for special tokens. */
  readonly groups: (FeatureGroup | '')[];
  readonly tokens: string[];
}

export interface SpecialIds {
  /** Before every text. */
  readonly cls: number;
  /** After every text; undefined where the family puts nothing there. */
  readonly sep: number | undefined;
  readonly pad: number;
  readonly mask: number;
  /** Stands for a word that cannot be spelled; undefined where every word can. */
  readonly unk: number | undefined;
}

/** Pieces of a word or of a span. */
interface Pieces {
  readonly ids: readonly number[];
  readonly tokens: readonly string[];
}

/** Most words kept in memory: narratives repeat few words often. */
const cacheLimit = 200_000;

/** Turns narratives into token ids, span by span, so that every token knows its group. */
export class Tokenizer {
  readonly special: SpecialIds;
  private readonly cache = new Map<string, Pieces>();
  private readonly specialTokens: readonly string[];
  private readonly vocabulary: string[] = [];

  /**
   * @param splitsAtSpaces whether words can be tokenised one by one, as in BERT; byte-level vocabularies (RoBERTa, GPT-2) attach the space
   *   to the word, so that a span is tokenised as a whole
   * @param pieceReader makes what turns the pieces of a text, one after another, into readable ones: `readerOf`
   */
  constructor(
    private readonly inner: PreTrainedTokenizer,
    private readonly splitsAtSpaces: boolean,
    readonly pieceReader: () => Reader,
    readonly files: TokenizerFiles,
  ) {
    this.special = specialIds(inner);
    this.specialTokens = inner.all_special_tokens;
    for (const [token, id] of inner.get_vocab()) this.vocabulary[id] = token;
  }

  /**
   * @param spans most important first: what does not fit is cut off the end
   * @param maxTokens longest result, special tokens included; at least 2
   */
  encodeSpans(spans: readonly NarrativeSpan[], maxTokens: number): Encoding {
    const { cls, sep } = this.special;
    const room = sep === undefined ? maxTokens : maxTokens - 1;
    const ids: number[] = [cls];
    const groups: (FeatureGroup | '')[] = [''];
    const tokens: string[] = [this.tokenOf(cls)];
    for (const span of spans) {
      for (const unit of this.unitsOf(span.text)) {
        const pieces = this.piecesOf(unit);
        for (let i = 0; i < pieces.ids.length && ids.length < room; i++) {
          ids.push(pieces.ids[i] as number);
          tokens.push(pieces.tokens[i] as string);
          groups.push(span.group);
        }
      }
      if (ids.length >= room) break;
    }
    if (sep !== undefined) {
      ids.push(sep);
      tokens.push(this.tokenOf(sep));
      groups.push('');
    }
    return { ids: Int32Array.from(ids), groups, tokens };
  }

  /** The pieces of a word. */
  idsOf(word: string): readonly number[] {
    return this.piecesOf(word).ids;
  }

  private unitsOf(text: string): string[] {
    return this.splitsAtSpaces ? text.split(' ') : [` ${text}`];
  }

  private piecesOf(unit: string): Pieces {
    const known = this.cache.get(unit);
    if (known) return known;
    const ids = this.inner.encode(this.withoutSpecialTokens(unit), { add_special_tokens: false });
    const pieces = { ids, tokens: ids.map((id) => this.tokenOf(id)) };
    if (this.cache.size >= cacheLimit) this.cache.clear();
    this.cache.set(unit, pieces);
    return pieces;
  }

  private tokenOf(id: number): string {
    return this.vocabulary[id] ?? '';
  }

  /** A product called "[SEP]" is text like any other, and must not end the narrative. */
  private withoutSpecialTokens(text: string): string {
    return this.specialTokens.reduce(
      (safe, token) => (safe.includes(token) ? safe.replaceAll(token, `${token[0]} ${token.slice(1)}`) : safe),
      text,
    );
  }
}

/** GPT-2's one special token. */
const endOfText = '<|endoftext|>';

/**
 * Ids by what the tokenizer puts around a text, by `tokenizer_config.json`, and, since many a published one says
 * nothing but the longest text, by the families' usual names.
 */
function specialIds(inner: PreTrainedTokenizer): SpecialIds {
  const vocabulary = inner.get_vocab();
  const named = (configured: string | undefined, ...usual: string[]): number | undefined =>
    [configured, ...usual].map((name) => name && vocabulary.get(name)).find((id) => typeof id === 'number');
  const end = named(undefined, endOfText);
  const around = inner.encode('');
  // GPT-2's may put its mark before a text itself (`add_bos_token`).
  const frame = around.length === 1 && around[0] === end ? [] : around;
  const pad = named(inner.pad_token, '[PAD]', '<pad>') ?? end;
  const mask = named(inner.mask_token, '[MASK]', '<mask>') ?? end;
  const [cls, sep] = frame.length === 0 ? [end] : frame;
  const unk = named(inner.unk_token, '[UNK]', '<unk>');
  if (frame.length > 0 && (cls === unk || sep === unk)) {
    throw new ClvError('CHECKPOINT_INVALID', 'what it puts around a text is not in its vocabulary');
  }
  if (cls === undefined || frame.length === 1 || frame.length > 2 || pad === undefined || mask === undefined) {
    throw new ClvError(
      'CHECKPOINT_INVALID',
      'it must put one token before and one after a text ([CLS] and [SEP]), and have tokens for padding ' +
        `and for masks, or have GPT-2's ${endOfText}, which serves for all of them`,
    );
  }
  return { cls, sep, pad, mask, unk };
}
