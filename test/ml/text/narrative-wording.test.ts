import { describe, expect, it } from 'vitest';
import { duration, firstWords, productName, roundNumber, theme } from '../../../src/ml/text/narrative-wording.js';

describe('numbers in words', () => {
  it.each([
    [0, '0'],
    [0.49, '0'],
    [9.5, '10'],
    [44.6, '45'],
    [129, '130'],
    [1607, '1600'],
    [168_470, '170000'],
    [-12.4, '-12'],
    [-0.2, '0'],
  ])('rounds %d to %s', (value, text) => {
    expect(roundNumber(value)).toBe(text);
  });

  it.each([
    [1, '1 day'],
    [59, '59 days'],
    [61, '2 months'],
    [426, '14 months'],
    [731, '2 years'],
  ])('calls %d days %s', (days, text) => {
    expect(duration(days)).toBe(text);
  });
});

describe('names of products', () => {
  it('leaves out packaging and numbers, unless nothing else is there', () => {
    expect(productName('SET/6 RED SPOTTY PAPER PLATES', 3)).toBe('red spotty paper');
    expect(productName('Box of 3', 3)).toBe('box of 3');
    expect(productName('红色 马克杯', 3)).toBe('红色 马克杯');
  });

  it('finds words in scripts without spaces', () => {
    expect(productName('赤いワンピース', 3)).toBe('赤い ワンピース');
    expect(theme(['緑の鏡', '緑のランプ', '赤いランプ'], 2)).toEqual(['緑', 'ランプ']);
    expect(theme(['红色夏季', '蓝色夏季'], 1)).toEqual(['夏季']);
    expect(productName('ชุดแดง', 3)).toBe('ชุด แดง');
  });

  it('leaves out what belongs to emoji and stands between words', () => {
    expect(productName('❤️ Red Love Mug', 3)).toBe('red love mug');
    expect(theme(['Love❤️Mug', '☀️ Mug'], 3)).toEqual(['mug', 'love']);
    expect(productName('‘经典’马克杯', 3)).toBe('经典 马克杯');
  });

  it('reads names that are kept as HTML as a page shows them', () => {
    expect(firstWords('Women&#8217;s &amp; Men&#x27;s Shoes', 4)).toBe("women’s men's shoes");
    expect(theme(['Salt &amp; Pepper', '<b>Black</b> &amp; White', '&quot;Tea&quot;&nbsp;for&NBSP;2'], 9)).toEqual(
      'salt pepper black white tea'.split(' '),
    );
    expect(firstWords('K&uuml;che &ndash; Caf&Eacute;, Gr&ouml;&szlig;e', 4)).toBe('küche café größe');
    expect(productName('Cups < 10 inch, I <3 Tea &#9999999; Fish&Chips; R&B', 9)).toBe('cups inch tea fish chips');
  });

  it('finds the words that most names have', () => {
    expect(theme(['Red Mug', 'Red Bowl', 'Blue Mug', 'Red Hat'], 2)).toEqual(['red', 'mug']);
    expect(theme(['Red Mug', 'Glass Bell', 'Straw Bell'], 3)).toEqual(['bell', 'red', 'mug']);
    expect(theme([], 2)).toEqual([]);
  });
});
