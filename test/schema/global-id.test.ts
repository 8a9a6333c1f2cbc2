import { describe, expect, it } from 'vitest';
import { globalId, localId, parseGlobalId, withGlobalIds } from '../../src/schema/global-id.js';

describe('global ids', () => {
  it('carry type and id, opaquely', () => {
    const id = globalId('Snapshot', '12');
    expect(id).toMatch(/^[\w-]+$/);
    expect(parseGlobalId(id)).toEqual({ type: 'Snapshot', id: '12' });
    expect(localId('Snapshot', id)).toBe('12');
  });

  it.each(['', '12', 'Snapshot:12', globalId('Snapshot', "1' or '1'='1"), globalId('Run', '12'), '🙂'.repeat(100)])(
    'rejects %j',
    (text) => {
      expect(() => parseGlobalId(text)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
    },
  );

  it('of another type are refused by name', () => {
    expect(() => localId('Snapshot', globalId('ApiKey', '1'))).toThrow(/is the id of an ApiKey, not of a Snapshot/);
  });

  it('replace the references in stored JSON', () => {
    expect(
      withGlobalIds({ snapshotId: '3', epochs: 2, modelId: 5, scored: { modelId: '7' }, ages: [1], at: null }),
    ).toEqual({
      snapshotId: globalId('Snapshot', '3'),
      epochs: 2,
      modelId: 5,
      scored: { modelId: globalId('ModelVersion', '7') },
      ages: [1],
      at: null,
    });
    expect(withGlobalIds({ report: { warnings: [{ modelId: '7', code: 'X' }] } })).toEqual({
      report: { warnings: [{ modelId: globalId('ModelVersion', '7'), code: 'X' }] },
    });
  });
});
