import { describe, expect, it } from 'vitest';
import type { NarrativeSpan } from '../../../src/ml/features/feature-group.js';
import { createTokenizer, loadTokenizer } from '../../../src/ml/text/load-tokenizer.js';
import { withWords, wordsToLearn } from '../../../src/ml/text/shop-words.js';
import type { Tokenizer } from '../../../src/ml/text/tokenizer.js';

const builtIn = await loadTokenizer('models/base');
const rows = 8_192;

/** Of so many customers who bought the same. */
function narratives(text: string, customers = 5, group: NarrativeSpan['group'] = 'basket'): NarrativeSpan[][] {
  return Array.from({ length: customers }, () => [{ group, text }]);
}
const read = (tokenizer: Tokenizer, text: string): string[] =>
  tokenizer.encodeSpans([{ group: 'basket', text }], 64).tokens.slice(1, -1);
async function learn(words: readonly string[]): Promise<Tokenizer> {
  return createTokenizer(withWords(builtIn.files, words, rows)!, 'here', rows + words.length);
}

describe('the words of a shop in another script', () => {
  it.each([
    ['Russian', 'красное платье', 'красное платье'],
    ['Greek', 'κόκκινο φόρεμα', 'κοκκινο φορεμα'],
    ['Arabic', 'فستان أحمر', 'فستان احمر'],
    ['Hebrew', 'שמלה אדום', 'שמלה אדום'],
    ['Hindi', 'लाल कुर्सी', 'लाल करसी'],
    ['Korean', '빨간 원피스', '빨간 원피스'],
    ['Japanese', 'ワンピース ランプ', 'ワンヒース ランフ'],
  ])('become pieces of their own: %s', async (_language, text, pieces) => {
    const words = wordsToLearn(builtIn, narratives(text));
    expect(words.toSorted()).toEqual(text.split(' ').toSorted());
    expect(
      read(await learn(words), text)
        .join(' ')
        .normalize('NFC'),
    ).toBe(pieces);
  });

  it('are single characters where the vocabulary lacks those of Chinese', async () => {
    expect(read(builtIn, '紅色 連衣裙')).toContain('[UNK]');
    const words = wordsToLearn(builtIn, narratives('紅色 連衣裙'));
    expect(read(await learn(words), '紅色 連衣裙')).toEqual([...'紅色連衣裙']);
  });

  it.each([
    ["ג'ינס", ['ינס'], ['ג', "'", 'ינס']],
    ['м’ята', ['ята'], ['м', '’', 'ята']],
  ])('are the parts that the tokenizer makes where they have an apostrophe: %s', async (text, learnt, pieces) => {
    const words = wordsToLearn(builtIn, narratives(text));
    expect(words).toEqual(learnt);
    expect(read(await learn(words), text)).toEqual(pieces);
  });

  it('come by how many customers have them, and not where fewer than five do', () => {
    const told = [...narratives('платье', 4), ...narratives('чайник', 6), ...narratives('лампа чайник')];
    expect(wordsToLearn(builtIn, told)).toEqual(['чайник', 'лампа']);
  });

  it('are none that customers wrote', () => {
    expect(wordsToLearn(builtIn, narratives('билет: чайник сломан', 9, 'support'))).toEqual([]);
  });

  it('are not learnt where the vocabulary spells with syllables', () => {
    expect(read(builtIn, 'retrospot').length).toBeGreaterThan(1);
    expect(wordsToLearn(builtIn, narratives('retrospot cake stand, glass bottle, paper plates'))).toEqual([]);
    expect(wordsToLearn(builtIn, narratives('théière en porcelaine bleue, robe rouge à fleurs'))).toEqual([]);
    expect(wordsToLearn(builtIn, [])).toEqual([]);
  });

  it('leave the pieces that were there as they are', async () => {
    const more = await learn(['платье']);
    const text = 'last time 3 items for 40: красное платье.';
    const before = read(builtIn, text).join(' ');
    expect(read(more, text).join(' ')).toBe(before.replace('п ##л ##а ##т ##ь ##е', 'платье'));
    expect(more.special).toEqual(builtIn.special);
  });

  it('are not for vocabularies that spell every word byte by byte', async () => {
    const { files } = await loadTokenizer('test/fixtures/hugging-face/spelling-gpt2');
    expect(withWords(files, ['платье'], 100)).toBeNull();
  });
});
