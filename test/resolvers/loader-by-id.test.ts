import { expect, it } from 'vitest';
import { loaderById } from '../../src/resolvers/loaders/loader-by-id.js';

it('finds many by one call, in the order asked for, null where there is none', async () => {
  const calls: (readonly string[])[] = [];
  const loader = loaderById(async (ids) => {
    calls.push(ids);
    return [{ id: '3' }, { id: '1' }];
  });
  expect(await Promise.all(['1', '2', '3', '1'].map((id) => loader.load(id)))).toEqual([
    { id: '1' },
    null,
    { id: '3' },
    { id: '1' },
  ]);
  expect(calls).toEqual([['1', '2', '3']]);
});
