import { describe, expect, it } from 'vitest';
import { bertWords, trainWordPiece } from '../../../scripts/pretrain/wordpiece-trainer.js';

describe('bertWords', () => {
  it('cuts as BERT does', () => {
    expect(bertWords('Crème-brûlée, 2 x £3.50!  红茶')).toEqual([
      'creme',
      '-',
      'brulee',
      ',',
      '2',
      'x',
      '£3',
      '.',
      '50',
      '!',
      '红',
      '茶',
    ]);
  });
});

describe('trainWordPiece', () => {
  const options = { alphabet: [...'abcdelnorstuw0123.'], size: 60, minFrequency: 2 };

  it('merges the most frequent pair first', () => {
    // o-w stands 10 times; then l-ow 7 times; then e-r as often as l-ow inside a word, and before it in the alphabet.
    const vocabulary = trainWordPiece(
      new Map([
        ['low', 5],
        ['lower', 2],
        ['slow', 2],
        ['row', 1],
      ]),
      options,
    );
    const pieces = vocabulary.slice(vocabulary.indexOf('##3') + 1);
    expect(pieces.slice(0, 3)).toEqual(['##ow', 'low', '##er']);
    expect(vocabulary.slice(0, 5)).toEqual(['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']);
  });

  it('has exactly the size that is asked for, without doubles', () => {
    const vocabulary = trainWordPiece(new Map([['bold', 3]]), options);
    expect(vocabulary).toHaveLength(60);
    expect(new Set(vocabulary).size).toBe(60);
    expect(vocabulary.at(-1)).toMatch(/^\[unused\d+\]$/);
  });

  it('knows every character as a word and inside one; punctuation only as a word', () => {
    const vocabulary = trainWordPiece(new Map(), options);
    expect(vocabulary).toEqual(expect.arrayContaining(['a', '##a', '3', '##3', '.']));
    expect(vocabulary).not.toContain('##.');
  });

  it('never joins digits', () => {
    const vocabulary = trainWordPiece(
      new Map([
        ['2023', 1000],
        ['a1', 1000],
      ]),
      options,
    );
    const withDigits = vocabulary.filter((piece) => /\d/.test(piece) && !piece.startsWith('[unused'));
    expect(withDigits.sort()).toEqual(['##0', '##1', '##2', '##3', '0', '1', '2', '3']);
  });

  it('does not depend on the order of the words', () => {
    const words: [string, number][] = [
      ['strand', 4],
      ['sand', 4],
      ['band', 4],
      ['bold', 4],
      ['cold', 4],
    ];
    expect(trainWordPiece(new Map(words), options)).toEqual(trainWordPiece(new Map(words.toReversed()), options));
  });

  it('joins a pair that a word holds twice', () => {
    const vocabulary = trainWordPiece(new Map([['tutu', 5]]), options);
    expect(vocabulary).toContain('tutu');
  });
});
