import { describe, expect, it } from 'vitest';
import { createTokenizer, loadTokenizer } from '../../../src/ml/text/load-tokenizer.js';

const spelling = 'test/fixtures/hugging-face/spelling';

describe('special tokens that tokenizer_config.json does not name', () => {
  it('are those of the family', async () => {
    const files = (await loadTokenizer(spelling)).files;
    const bare = await createTokenizer({ ...files, config: '{"model_max_length": 512}' });
    expect(bare.special).toEqual((await loadTokenizer(spelling)).special);
  });
});

describe('a Unigram tokenizer', () => {
  it.each([-1, 2.5, 100_000, '"3"'])('is refused where the token for what it does not know is %s', async (id) => {
    const { files } = await loadTokenizer(`${spelling}-unigram`);
    const tokenizer = files.tokenizer.replace(/"unk_id":\s*3/, `"unk_id": ${id}`);
    expect(tokenizer).not.toBe(files.tokenizer);
    await expect(createTokenizer({ ...files, tokenizer })).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringContaining('unk_id is'),
    });
  });
});

describe('a tokenizer from elsewhere', async () => {
  const { files } = await loadTokenizer(spelling);
  const definition = JSON.parse(files.tokenizer) as { added_tokens: object[]; model: { vocab: object } };
  const withParts = (parts: object) =>
    createTokenizer({ ...files, tokenizer: JSON.stringify({ ...definition, ...parts }) }, 'x', 5_000);
  const doubling = { type: 'Replace', pattern: { Regex: '.' }, content: 'aa' };
  const several = (normalizers: object[]) => ({ normalizer: { type: 'Sequence', normalizers } });
  const split = (pattern: object, behavior = 'Isolated', invert = false) => ({
    pre_tokenizer: { type: 'Split', pattern, behavior, invert },
  });
  const deep = (level: number): object => (level === 0 ? { type: 'NFC' } : several([deep(level - 1)]).normalizer);

  it.each([
    ['a pattern of its own', split({ Regex: String.raw`(a+)+$|(\w+\s?)+$` })],
    ['replacements by such a pattern', { normalizer: { type: 'Replace', pattern: { Regex: '(a+)+$' }, content: '' } }],
    ['replacements that double a text', several(Array.from({ length: 24 }, () => doubling))],
    ['a replacement that is longer', several([{ type: 'Replace', pattern: { String: 'a' }, content: 'aa' }])],
    ['a replacement of nothing', several([{ type: 'Replace', pattern: { String: '' }, content: 'x' }])],
    ['a long text before each', { normalizer: { type: 'Prepend', prepend: 'x'.repeat(1_000) } }],
    ['a long text for each space', { pre_tokenizer: { type: 'Metaspace', replacement: 'x'.repeat(1_000) } }],
    ['an unknown step', { pre_tokenizer: { type: 'FixedLength', length: 1 } }],
    [
      'such a step within others',
      { pre_tokenizer: { type: 'Sequence', pretokenizers: [split({ Regex: 'a*' }).pre_tokenizer] } },
    ],
    ['punctuation that is left out', { pre_tokenizer: { type: 'Punctuation', behavior: 'Removed' } }],
    ['punctuation of the word before', { pre_tokenizer: { type: 'Punctuation', behavior: 'MergedWithPrevious' } }],
    ['spaces of the word before', split({ Regex: String.raw`\s+` }, 'MergedWithPrevious')],
    ['spaces that are words', split({ Regex: String.raw`\s+` }, 'Isolated', true)],
    ['a text that is left out', split({ String: ' ' }, 'Removed')],
    ['very many steps', several(Array.from({ length: 17 }, () => ({ type: 'NFC' })))],
    ['steps very deep within others', { normalizer: deep(500) }],
  ])('is refused for %s', async (_what, parts) => {
    await expect(withParts(parts)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringMatching(/none of BERT, DistilBERT, RoBERTa or GPT-2|more than 16 steps/),
    });
  });

  it.each([
    ['one token', ['[CLS]', 'A']],
    ['three tokens', ['[CLS]', 'A', '[SEP]', '[SEP]']],
    ['nothing, and has no mark of an end', ['A']],
  ])('is refused where it puts around a text %s', async (_what, parts) => {
    const single = parts.map((id) =>
      id === 'A' ? { Sequence: { id, type_id: 0 } } : { SpecialToken: { id, type_id: 0 } },
    );
    const post_processor = { type: 'TemplateProcessing', single, pair: [], special_tokens: {} };
    await expect(withParts({ post_processor })).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringContaining('it must put one token before and one after a text') as string,
    });
  });

  it('is refused where it marks the pieces inside of words in BPE, too', async () => {
    const roberta = await loadTokenizer(`${spelling}-roberta`);
    const tokenizer = roberta.files.tokenizer.replace(
      /"continuing_subword_prefix":\s*null/,
      '"continuing_subword_prefix":"##"',
    );
    expect(tokenizer).not.toBe(roberta.files.tokenizer);
    await expect(createTokenizer({ ...roberta.files, tokenizer })).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringContaining('its BPE marks pieces inside of words by "##"') as string,
    });
  });

  it('is refused, before room for it is made, for more tokens than the model has rows', async () => {
    const vocab = { ...definition.model.vocab, beyond: 2 ** 31 - 1 };
    const message = "has 2147483648 tokens and the model's word table only 5000 rows";
    const refused = { code: 'CHECKPOINT_INVALID', message: expect.stringContaining(message) as string };
    await expect(withParts({ model: { ...definition.model, vocab } })).rejects.toMatchObject(refused);
    const added_tokens = [...definition.added_tokens, { id: 2 ** 31 - 1, content: 'beyond', special: false }];
    await expect(withParts({ added_tokens })).rejects.toMatchObject(refused);
  });

  it.each([
    // As published: XLM-RoBERTa, CamemBERT, RoBERTa-like ones of later versions, and those of other SentencePieces.
    ['spaces made one', several([{ type: 'NFKC' }, { type: 'Replace', pattern: { Regex: ' {2,}' }, content: ' ' }])],
    ['Metaspace', { pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true } }],
    ['punctuation in runs', { pre_tokenizer: { type: 'Punctuation', behavior: 'Contiguous' } }],
    ['spaces left out', split({ Regex: String.raw`\s+` }, 'Removed')],
    ['a text alone', split({ String: ' ' }, 'Removed', true)],
    ['quotes', several([{ type: 'Replace', pattern: { String: '``' }, content: '"' }, { type: 'Lowercase' }])],
    [
      'spaces that show',
      several([
        { type: 'Prepend', prepend: '▁' },
        { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
      ]),
    ],
    [
      'GPT-2',
      {
        normalizer: null,
        pre_tokenizer: {
          type: 'Sequence',
          pretokenizers: [
            split({
              Regex: String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`,
            }).pre_tokenizer,
            { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
          ],
        },
      },
    ],
  ])('is taken where its steps are usual: %s', async (_what, parts) => {
    const { special } = await withParts(parts);
    expect(special.cls).toBeGreaterThanOrEqual(0);
  });
});
