import { expect, it } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import { allSettled } from '../../src/jobs/handlers/all-settled.js';

it('gives what all of them give, in their order', async () => {
  expect(await allSettled([sleep(5, 'slow'), Promise.resolve(2)])).toEqual(['slow', 2]);
});

it('throws the error of one that fails only when the others have ended, whether they fail or not', async () => {
  const ended: string[] = [];
  const slow = async (name: string, error?: Error) => {
    await sleep(20);
    ended.push(name);
    if (error) throw error;
  };
  const failure = new Error('first');
  await expect(allSettled([slow('works'), Promise.reject(failure), slow('fails', new Error('later'))])).rejects.toBe(
    failure,
  );
  expect(ended).toEqual(['works', 'fails']);
});
