import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { UpsertBatch } from '../../../../src/services/ingestion/live/upsert-batch.js';

describe('a batch', () => {
  it('lets other work through while its items are checked', async () => {
    let turns = 0;
    const other = setInterval(() => turns++, 1);
    const slow = z.object({ externalId: z.string() }).refine(() => {
      for (const end = performance.now() + 3; performance.now() < end;);
      return true;
    });
    const items = Array.from({ length: 40 }, (_, index) => ({ externalId: `c-${index}` }));
    const batch = await UpsertBatch.of(items, slow).finally(() => clearInterval(other));
    expect(batch.items).toEqual(items);
    // 120 milliseconds of work.
    expect(turns).toBeGreaterThan(4);
  });
});
