import { describe, expect, it, vi } from 'vitest';
import { ClvError } from '../../src/errors.js';
import { globalId } from '../../src/schema/global-id.js';
import type { Services } from '../../src/services/create-services.js';
import { createLoaders } from '../../src/resolvers/loaders/index.js';
import { type EventsRequest, type HistoryRequest } from '../../src/services/customers/customer-history.service.js';
import { answerBudget } from '../../src/services/largest-answer.js';
import type { CustomerFilter } from '../../src/services/customers/customer-filter.types.js';
import type { CustomerClv } from '../../src/services/predictions/customer-clv.js';
import type { ClvRequest } from '../../src/services/predictions/predictions.service.js';

/** Loaders over services of which a test has only what it asks. */
const loadersOver = (services: Record<string, Record<string, unknown>>) =>
  createLoaders(services as object as Services, answerBudget());

describe('what is asked for in one request', () => {
  it('of a customer’s value differs by horizon, and is asked once for each', async () => {
    const asked: ClvRequest[] = [];
    const { clvByCustomerAndHorizon } = loadersOver({
      clv: {
        clv: async (requests: readonly ClvRequest[]) => {
          asked.push(...requests);
          return requests.map((request) => ({ served: request }) as object as CustomerClv);
        },
      },
    });
    const requests = [30, 90, 30].map((horizonDays) => ({ customerId: '1', horizonDays }));
    const values = await Promise.all(requests.map((request) => clvByCustomerAndHorizon.load(request)));
    expect(values.map(({ served }) => (served as object as ClvRequest).horizonDays)).toEqual([30, 90, 30]);
    expect(asked).toEqual(requests.slice(0, 2));
  });

  it('of a history differs by customer, length and place', async () => {
    const read = async (requests: readonly HistoryRequest[]) => [...requests];
    const long: EventsRequest['long'] = [];
    const { ordersByCustomer, eventsByCustomer } = loadersOver({ customerHistory: { orders: read, events: read } });
    const requests: EventsRequest[] = [
      { customerId: '1', first: 5, long },
      { customerId: '1', first: 6, long },
      { customerId: '1', first: 5, after: 'x', long },
      { customerId: '2', first: 5, long },
      { customerId: '1', first: 5, long },
    ];
    for (const loader of [ordersByCustomer, eventsByCustomer]) {
      expect(await Promise.all(requests.map((request) => loader.load(request)))).toEqual(requests);
    }
    const withTexts: EventsRequest = { customerId: '1', first: 5, long: ['text'] };
    expect(await eventsByCustomer.load(withTexts)).toEqual(withTexts);
  });

  it('of drift reports is each model’s own, the newest, as many as each field asks for', async () => {
    const calls: unknown[][] = [];
    const { driftReportsByModel } = loadersOver({
      models: {
        driftReports: async (...call: unknown[]) => {
          calls.push(call);
          return ['1', '2', '1', '1', '2'].map((modelId, i) => ({ id: String(9 - i), modelId }));
        },
      },
    });
    const load = async (modelId: string, first: number) =>
      (await driftReportsByModel.load({ modelId, first })).map(({ id }) => id);
    expect(await Promise.all([load('1', 2), load('2', 1), load('1', 3), load('3', 1)])).toEqual([
      ['9', '7'],
      ['8'],
      ['9', '7', '6'],
      [],
    ]);
    expect(calls).toEqual([[['1', '2', '3'], 3]]);
  });

  it('of segments fails for that one alone', async () => {
    const refusing = async (filter: CustomerFilter) => {
      if (filter.country) throw new RangeError('no such country');
      return { customers: 3 };
    };
    const { worthByFilter, spentByFilter, membersBySegment } = loadersOver({
      segments: { worth: refusing, spent: refusing, members: refusing },
    });
    const filters: CustomerFilter[] = [{}, { country: ['Chile'] }];
    for (const loader of [worthByFilter, spentByFilter])
      expect(await loader.loadMany(filters)).toEqual([{ customers: 3 }, expect.any(RangeError)]);
    const requests = filters.map((filter) => ({ filter, first: 5 }));
    expect(await membersBySegment.loadMany(requests)).toEqual([{ customers: 3 }, expect.any(RangeError)]);
  });

  it('of a segment’s members differs by page and by the fields that are asked for', async () => {
    const { membersBySegment } = loadersOver({
      segments: { members: async (_: CustomerFilter, request: object) => request },
    });
    const pages = [
      { first: 5, asked: new Set(['clv']) },
      { first: 5, asked: new Set(['summary']) },
      { first: 5, after: 'x' },
    ];
    expect(await membersBySegment.loadMany(pages.map((page) => ({ filter: {}, ...page })))).toEqual(pages);
  });

  it('of segments’ members has attributes as far as an answer may hold them', async () => {
    const attributes = { text: 'x'.repeat(100_000) };
    const members = vi.fn(async (_: CustomerFilter, { first }: { first: number }) => ({
      edges: Array.from({ length: first }, () => ({ node: { attributes } })),
    }));
    const { membersBySegment } = loadersOver({ segments: { members } });
    const pages = (asked: string) =>
      Array.from({ length: 30 }, (_, i) => ({ filter: {}, first: 100, after: `${i}`, asked: new Set([asked]) }));
    const read = await membersBySegment.loadMany(pages('attributes'));
    expect(read.filter((page) => 'edges' in page)).toHaveLength(3);
    expect(read[29]).toMatchObject({ code: 'QUERY_TOO_COMPLEX' });
    // Hardly more are read than that.
    expect(members.mock.calls.length).toBeLessThan(10);
    expect((await membersBySegment.loadMany(pages('externalId'))).every((page) => 'edges' in page)).toBe(true);
  });

  it('of segments of customers on pages that come one after another is asked together while others are told of', async () => {
    const asked: (readonly string[])[] = [];
    const tell: (() => void)[] = [];
    const ofCustomers = async (ids: readonly string[]) => {
      asked.push(ids);
      await new Promise<void>((resolve) => tell.push(resolve));
      return new Map(ids.map((id) => [id, [{ id }]]));
    };
    const { segmentsByCustomer } = loadersOver({ segments: { ofCustomers } });
    const pages: Promise<{ id: string }[]>[] = [];
    for (let page = 1; page <= 30; page++) {
      pages.push(segmentsByCustomer.load(String(page)));
      await new Promise(setImmediate);
    }
    tell[0]!();
    expect(await pages[0]).toEqual([{ id: '1' }]);
    await vi.waitFor(() => expect(asked).toHaveLength(3));
    for (const resolve of tell) resolve();
    expect((await Promise.all(pages)).map(([segment]) => segment!.id)).toEqual(asked.flat());
  });

  it('of a customer who was erased meanwhile says so, which is no defect', async () => {
    const { summaryByCustomer, personalDataByCustomer, segmentsByCustomer } = loadersOver({
      customers: {
        findSummaries: async () => [{ customerId: '2' }],
        findPersonalData: async () => [{ customerId: '2' }],
      },
      segments: { ofCustomers: async () => new Map([['2', [{ id: '7' }]]]) },
    });
    expect(await summaryByCustomer.loadMany(['1', '2'])).toEqual([
      new ClvError('NOT_FOUND', `Customer ${globalId('Customer', '1')} was erased meanwhile. Ask again.`),
      { customerId: '2' },
    ]);
    expect(await personalDataByCustomer.loadMany(['1', '2'])).toEqual([null, { customerId: '2' }]);
    expect(await segmentsByCustomer.loadMany(['1', '2'])).toEqual([[], [{ id: '7' }]]);
  });
});
