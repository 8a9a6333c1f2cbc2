import { beforeAll, expect } from 'vitest';
import { dayOf } from '../../../src/days.js';
import { scoredAsOf } from '../../support/scored-shop.js';
import { type OpenTestServer, useScoredServer } from './test-server.js';
import { expectWaitingFor } from '../../support/waiting.js';

interface Estimate {
  value: number;
  lower: number;
  upper: number;
}

export interface Effect {
  from: string;
  until: string;
  contacted: { customers: number; buyers: number; meanSpend: number; meanPredicted: number };
  control: { customers: number; buyers: number; meanSpend: number; meanPredicted: number };
  spendPerCustomer: Estimate;
  incrementalRevenue: Estimate;
  incrementalProfit: Estimate;
  returnOnInvestment: Estimate;
  uplift: Estimate | null;
}

export interface Listed {
  totalCount: number;
  edges: { node: { id: string } }[];
}

export const terms = { contactCost: 0.1, margin: 0.4, uplift: 0.1 };
export const args = `contactCost: 0.1, margin: 0.4, uplift: 0.1`;
export const listed = 'totalCount edges { node { id } }';
const estimate = '{ value lower upper }';
const group = '{ customers buyers meanSpend meanPredicted }';
const effectFields = `from until contacted ${group} control ${group} spendPerCustomer ${estimate}
  incrementalRevenue ${estimate} incrementalProfit ${estimate} returnOnInvestment ${estimate} uplift ${estimate}`;

export const start = `mutation($control: ControlGroupInput!, $startsOn: Date, $budget: Float, $filter: CustomerFilterInput) {
  startCampaign(${args}, control: $control, startsOn: $startsOn, budget: $budget, filter: $filter) {
    __typename ... on Campaign { id name startsOn currency contactCost margin uplift controlShare contacts
      contacted(first: 200) { ${listed} } control(first: 200) { ${listed} } effect { ${effectFields} } }
    ... on ErrorResult { message }
  }
}`;

export interface Started {
  __typename: string;
  message: string;
  id: string;
  name: string;
  startsOn: string;
  contacts: number;
  contacted: Listed;
  control: Listed;
  effect: Effect | null;
}

export const ids = ({ edges }: Listed) => edges.map(({ node }) => node.id).sort();

/** A server on a scored shop whose present is the date that it was scored as of, and what is asked of it about campaigns. */
interface CampaignServer {
  readonly server: OpenTestServer;
  query<Row>(sql: string, parameters?: unknown[]): Promise<Row[]>;
  /** Starts one, as a MARKETER. */
  begin(variables: Record<string, unknown>): Promise<Started>;
  effectOf(id: string, days?: number | null): Promise<Effect | null>;
  buy(externalIds: readonly string[], day: string, net: number): Promise<unknown>;
  /** That so many sessions come to wait for the members. */
  expectWaiting(sessions?: number): Promise<void>;
}

/** For the tests of the block that calls this. */
export function useCampaignServer(): CampaignServer {
  const server = useScoredServer();
  beforeAll(async () => {
    // The shop's last purchase is the day before it was scored: then that date is the present.
    await buy(['lead'], dayOf(new Date(scoredAsOf.getTime() - 86_400_000)), 1);
  });

  const query = <Row>(sql: string, parameters?: unknown[]) => server.database.dataSource.query<Row[]>(sql, parameters);
  async function begin(variables: Record<string, unknown>): Promise<Started> {
    const { data, errors } = await server.ask<{ startCampaign: Started }>(start, { as: 'MARKETER', variables });
    expect(errors).toBeUndefined();
    return data.startCampaign;
  }
  async function effectOf(id: string, days: number | null = null): Promise<Effect | null> {
    const { data, errors } = await server.ask<{ campaign: { effect: Effect | null } }>(
      `query($id: ID!, $days: Int) { campaign(id: $id) { effect(days: $days) { ${effectFields} } } }`,
      { as: 'VIEWER', variables: { id, days } },
    );
    expect(errors).toBeUndefined();
    return data.campaign.effect;
  }
  const buy = (externalIds: readonly string[], day: string, net: number) =>
    query(
      `insert into purchase_day (customer_id, day, net, gross, returned, items, products, orders)
       select id, $2::date, $3::numeric, greatest($3::numeric, 0), greatest(-$3::numeric, 0), 1, 1, 1 from customer where external_id = any($1)
       on conflict (customer_id, day) do update set net = excluded.net`,
      [externalIds, day, net],
    );

  const expectWaiting = (sessions = 1) => expectWaitingFor(server.database.dataSource, 'campaign_member', sessions);

  return { server, query, begin, effectOf, buy, expectWaiting };
}
