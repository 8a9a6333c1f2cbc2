import { expect, it, vi } from 'vitest';
import { Lazy } from '../src/lazy.js';

it('is made once, at the first use, and anew after it was taken', async () => {
  const make = vi.fn(async () => ({}));
  const lazy = new Lazy(make);
  expect(await lazy.take()).toBeUndefined();
  expect(make).not.toHaveBeenCalled();
  const [first, second] = await Promise.all([lazy.get(), lazy.get()]);
  expect(second).toBe(first);
  expect(make).toHaveBeenCalledTimes(1);
  expect(await lazy.take()).toBe(first);
  expect(await lazy.get()).not.toBe(first);
});

it('is made anew after a failure, which all who asked are told', async () => {
  const make = vi.fn(async () => 'made').mockRejectedValueOnce(new Error('no device'));
  const lazy = new Lazy(make);
  const asked = [lazy.get(), lazy.get()];
  expect(await lazy.take()).toBeUndefined();
  for (const each of asked) await expect(each).rejects.toThrow('no device');
  expect(await lazy.get()).toBe('made');
  expect(make).toHaveBeenCalledTimes(2);
});
