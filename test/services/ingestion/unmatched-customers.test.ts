import { describe, expect, it } from 'vitest';
import type { ImportMapping } from '../../../src/services/ingestion/import.types.js';
import { orders, useImports } from './imports.js';

const customers: ImportMapping = { kind: 'customers', columns: { 'customer.externalId': 'id' } };

describe('customers of two files that do not meet', () => {
  const { load } = useImports();

  const ids = (count: number, write: (i: number) => string) => Array.from({ length: count }, (_, i) => write(i));
  const bought = (buyers: string[], source = 'shop') =>
    load(['id,date,total,customer', ...buyers.map((id) => `${id},2024-03-01,5,${id}`)].join('\n'), orders, { source });
  const named = (known: string[], source = 'shop') => load(['id', ...known].join('\n'), customers, { source });

  it('are suspected where another source has the same ids', async () => {
    const numbers = ids(30, (i) => `${i}`);
    expect(await named(numbers, 'default')).toMatchObject({ namesakes: null });
    expect(await bought(numbers.slice(0, 25), 'crm')).toMatchObject({
      namesakes: { source: 'default', customers: 25 },
      unmatchedCustomers: 0,
    });
    // It has been said, and those who came since are few.
    expect(await bought(numbers.slice(0, 27), 'crm')).toMatchObject({ namesakes: null });
    const mostlyOthers = [...numbers.slice(0, 21), ...ids(22, (i) => `other-${i}`)];
    expect(await bought(mostlyOthers, 'till')).toMatchObject({ namesakes: null });
  });

  it('are suspected where the ids of one file are written in another way', async () => {
    await named(ids(30, (i) => `00${i}`));
    expect(await bought(ids(25, (i) => `${i}`))).toMatchObject({ unmatchedCustomers: 30, namesakes: null });
    expect(await named(ids(30, (i) => `${i}.`))).toMatchObject({ unmatchedCustomers: 25 });
  });

  it('are not suspected where some were known, or where those who came since are few', async () => {
    await named(ids(100, (i) => `${i}`));
    expect(await bought(ids(60, (i) => `${i + 90}`))).toMatchObject({ unmatchedCustomers: 0 });
    await bought(ids(100, (i) => `${i}`));
    expect(await named(ids(30, (i) => `new-${i}`))).toMatchObject({ unmatchedCustomers: 0 });
    expect(await bought(ids(200, (i) => `later-${i}`))).toMatchObject({ unmatchedCustomers: 0 });
  });
});
