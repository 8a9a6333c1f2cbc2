import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { requestedBase } from '../../../src/services/models/requested-base.js';

const config = { base: './of-the-settings', baseFolder: '/srv/bases' };

describe('a base that a request names', () => {
  it.each([
    ['built-in', 'built-in'],
    ['./of-the-settings', './of-the-settings'],
    ['/srv/bases/minilm', '/srv/bases/minilm'],
    ['/srv/bases/team/../minilm/', '/srv/bases/minilm'],
    ['owner/name@v2', 'owner/name@v2'],
    // Else a worker would look into its own folder of that name.
    ['src/database', 'src/database@main'],
    ['gpt2', 'gpt2@main'],
  ])('may be %s', (given, taken) => {
    expect(requestedBase(given, config)).toBe(taken);
  });

  it('may be a folder by its path from the current one', () => {
    expect(requestedBase('models/base', { base: 'built-in', baseFolder: 'models' })).toBe(resolve('models/base'));
  });

  it.each(['a\0', 'a\uD83D'])('is no folder with a name that cannot be stored: %j', (name) => {
    expect(() => requestedBase(`/srv/bases/${name}`, config)).toThrow(/cannot be named by a request/);
  });

  it.each(['/etc', '/nowhere', '/srv/bases', '/srv/bases/../secret', '/srv/bases-of-others/x', './src', '..', '~/x'])(
    'is no other folder, whether or not it is there: %s',
    (given) => {
      expect(() => requestedBase(given, config)).toThrow(/cannot be named by a request.*\/srv\/bases \(/);
      expect(() => requestedBase(given, { base: 'built-in', baseFolder: undefined })).toThrow(/which is not set/);
    },
  );
});
