import type { TokenizerFiles } from '../../src/ml/text/tokenizer.js';
import { specialTokens } from './wordpiece-trainer.js';

/** `tokenizer.json` and `tokenizer_config.json` of a lowercasing BERT, as Hugging Face's libraries read them. */
export function bertTokenizerFiles(vocabulary: readonly string[], maxTokens: number): TokenizerFiles {
  const idOf = (token: string): number => vocabulary.indexOf(token);
  const cls = { SpecialToken: { id: '[CLS]', type_id: 0 } };
  const sep = (segment: number): object => ({ SpecialToken: { id: '[SEP]', type_id: segment } });
  const text = (id: string, segment: number): object => ({ Sequence: { id, type_id: segment } });
  const special = (id: string): object => ({ id, ids: [idOf(id)], tokens: [id] });
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specialTokens.map((content) => ({
      id: idOf(content),
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [cls, text('A', 0), sep(0)],
      pair: [cls, text('A', 0), sep(0), text('B', 1), sep(1)],
      special_tokens: { '[CLS]': special('[CLS]'), '[SEP]': special('[SEP]') },
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
    },
  };
  const config = {
    tokenizer_class: 'BertTokenizer',
    do_lower_case: true,
    strip_accents: null,
    tokenize_chinese_chars: true,
    model_max_length: maxTokens,
    cls_token: '[CLS]',
    sep_token: '[SEP]',
    pad_token: '[PAD]',
    unk_token: '[UNK]',
    mask_token: '[MASK]',
  };
  return { tokenizer: `${JSON.stringify(tokenizer, null, 1)}\n`, config: `${JSON.stringify(config, null, 2)}\n` };
}
