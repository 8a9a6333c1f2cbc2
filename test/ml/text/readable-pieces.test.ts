import { describe, expect, it } from 'vitest';
import { readerOf } from '../../../src/ml/text/readable-pieces.js';

describe('pieces of words', () => {
  it.each([
    ['WordPiece', { type: 'BertPreTokenizer' }, null, ['caf', '##é', '.'], ['caf', '##é', '.']],
    [
      'bytes',
      { type: 'ByteLevel' },
      '',
      ['Ġcaf', 'Ã', '©', '.', 'Ġ', 'x', 'ĠðŁ', 'İģ'],
      ['caf', '##', '##é', '##.', '', '##x', '', '##🎁'],
    ],
    [
      'bytes behind another step',
      { type: 'Sequence', pretokenizers: [{ type: 'Digits' }, { type: 'ByteLevel' }] },
      null,
      ['Ġmug', 's'],
      ['mug', '##s'],
    ],
    ['SentencePiece', { type: 'Metaspace' }, null, ['▁caf', 'é', '▁', 'x'], ['caf', '##é', '', '##x']],
    [
      'BPE with ends',
      { type: 'BertPreTokenizer' },
      '</w>',
      ['ca', 'fé</w>', '.</w>', 'x</w>'],
      ['ca', '##fé', '.', 'x'],
    ],
  ])('of %s are read', (_what, cut, suffix, pieces, read) => {
    const reader = readerOf(cut, suffix)();
    expect(pieces.map((piece) => reader(piece))).toEqual(read);
  });
});
