import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fineTuneCommand } from '../../src/cli/fine-tune.command.js';
import { preprocessCommand } from '../../src/cli/preprocess.command.js';
import { scoreCommand } from '../../src/cli/score.command.js';
import { globalId } from '../../src/schema/global-id.js';

describe('a number that is out of range', () => {
  it.each([
    [preprocessCommand, '--horizon-days', '2000', 'a whole number from 7 to 1826'],
    [preprocessCommand, '--horizon-days', '6', 'a whole number from 7 to 1826'],
    [preprocessCommand, '--horizon-days', '', 'a whole number from 7 to 1826'],
    [preprocessCommand, '--max-training-rows', '99', 'a whole number from 100 to 5000000'],
    [scoreCommand, '--horizon-days', '0', 'a whole number from 1 to 1826'],
    [fineTuneCommand, '--epochs', '1.5', 'a whole number from 1 to 100'],
    [fineTuneCommand, '--batch-size', '1025', 'a whole number from 1 to 1024'],
    [fineTuneCommand, '--seed', '-1', 'a whole number from 0 to 2147483647'],
    [fineTuneCommand, '--learning-rate', '2', 'above 0, and at most 1'],
    [fineTuneCommand, '--learning-rate', '0', 'above 0, and at most 1'],
    [fineTuneCommand, '--learning-rate', '', 'above 0, and at most 1'],
  ])('is told before anything is started: %o %s %j', async (command, option, value, range) => {
    const parsed = command()
      .exitOverride()
      .configureOutput({ writeErr: () => undefined })
      .parseAsync([option, value], { from: 'user' });
    await expect(parsed).rejects.toThrow(`It must be ${range}.`);
  });
});

describe('an id', () => {
  it.each([
    [scoreCommand, '--model', 'ModelVersion'],
    [fineTuneCommand, '--snapshot', 'Snapshot'],
  ] as const)('is a number or one of the API, of what is asked for: %o %s', (command, name, type) => {
    const parse = command().options.find(({ long }) => long === name)!.parseArg!;
    expect(parse('7', undefined)).toBe('7');
    expect(parse(globalId(type, '7'), undefined)).toBe('7');
    for (const other of [globalId('Customer', '7'), globalId('Run', randomUUID()), 'seven']) {
      expect(() => parse(other, undefined)).toThrow(`or the API's id of a ${type}.`);
    }
  });
});

describe('a base', () => {
  it.each([
    ['models/base', resolve('models/base')],
    ['./models/base/', resolve('models/base')],
    [resolve('models/base'), resolve('models/base')],
    ['built-in', 'built-in'],
    ['sentence-transformers/all-MiniLM-L6-v2', 'sentence-transformers/all-MiniLM-L6-v2'],
    ['./no/such/folder', './no/such/folder'],
  ])('of a folder is one wherever the worker runs: %s', (given, told) => {
    const option = fineTuneCommand().options.find(({ long }) => long === '--base');
    expect(option?.parseArg?.(given, undefined)).toBe(told);
  });
});
