import { describe, expect, it } from 'vitest';
import { duration, productName, roundNumber, scrubbed, theme } from '../../../src/ml/text/narrative-wording.js';

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

  it('finds the words that most names have', () => {
    expect(theme(['Red Mug', 'Red Bowl', 'Blue Mug', 'Red Hat'], 2)).toEqual(['red', 'mug']);
    expect(theme(['Red Mug', 'Glass Bell', 'Straw Bell'], 3)).toEqual(['bell', 'red', 'mug']);
    expect(theme([], 2)).toEqual([]);
  });
});

describe('what a customer wrote', () => {
  it.each([
    ['mail me at Anna.Miller+shop@example.co.uk please', 'mail me at please'],
    ['call +44 (0)20 7946-0018 now', 'call now'],
    ['call 0171/123.45.67 now', 'call now'],
    ['card 4111 1111 1111 1111', 'card'],
    ['see https://shop.example/u?id=anna and www.example.org/me or example.com/anna', 'see and or'],
    ['it is me, ANNA Müller-Lüdenscheidt!', 'it is me'],
    ['Annabel is not her, 2 of 3 arrived', 'annabel is not her 2 of 3 arrived'],
  ])('keeps people out of %j', (text, clean) => {
    expect(scrubbed(text, 20, 'Anna Müller-Lüdenscheidt anna.m@example.com')).toBe(clean);
  });

  it('is cut to some words', () => {
    expect(scrubbed('one two three four five', 3, '')).toBe('one two three');
  });
});
