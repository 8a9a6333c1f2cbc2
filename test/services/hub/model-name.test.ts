import { describe, expect, it } from 'vitest';
import { parseModelName } from '../../../src/services/hub/model-name.js';

describe('the name of a model', () => {
  it.each([
    ['gpt2', 'gpt2', 'main'],
    ['sentence-transformers/all-MiniLM-L6-v2', 'sentence-transformers/all-MiniLM-L6-v2', 'main'],
    ['acme/tiny@v1.0', 'acme/tiny', 'v1.0'],
    ['acme/tiny@refs/pr/7', 'acme/tiny', 'refs/pr/7'],
  ])('%s', (text, id, revision) => {
    expect(parseModelName(text)).toEqual({ id, revision });
  });

  it.each([
    '',
    '.',
    '..',
    './models/base',
    '/models/base',
    '~/models',
    'a/b/c',
    '../b',
    'a/..',
    'a/../b',
    'a@../../etc',
    'a@/etc',
    'a\\b',
    'C:\\models',
    'a b/c',
    'a/b@',
    'a--b/c',
    'https://hub/a/b',
    'a/b\n',
  ])('is not %j', (text) => {
    expect(parseModelName(text)).toBeUndefined();
  });
});
