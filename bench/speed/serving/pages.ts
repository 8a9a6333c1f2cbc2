import { localId } from '../../../src/schema/global-id.js';
import { ask, load, type Load } from './load.js';
import { type LoadSummary, summaryOf } from './measures.js';
import type { OwnServer, ServerReport } from './server-process.js';

export interface Effort {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
}

/** What a page asks for of each customer. */
export const valueFields = 'predicted interval { lower upper } percentile tier';
export const storedPage = `query($after: String) { customers(first: 50, after: $after) { edges { node { clv { ${valueFields} } } } } }`;
export const explainedPage = storedPage.replace(
  valueFields,
  `${valueFields} explanation { baseline contributions { label amount } }`,
);

/** Before that long, Node has not compiled all that it will. */
const warmUpSeconds = 8;

export interface Subject {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  readonly bodies: readonly string[];
  readonly own: OwnServer | null;
}

/** Measures the subjects in turn, so many rounds, each round beginning with another one. */
export async function alternate(
  subjects: readonly Subject[],
  key: string,
  { rounds, seconds, connections }: Effort,
): Promise<Record<string, LoadSummary>> {
  const measured = new Map<string, { load: Load; report: ServerReport | null }[]>();
  for (const { url, pid, bodies } of subjects)
    await load({ url, pid, key, bodies, seconds: warmUpSeconds, connections });
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < subjects.length; i++) {
      const { name, url, pid, bodies, own } = subjects[(round + i) % subjects.length]!;
      own?.reset();
      const outcome = {
        load: await load({ url, pid, key, bodies, seconds, connections }),
        report: (await own?.report()) ?? null,
      };
      measured.set(name, [...(measured.get(name) ?? []), outcome]);
      console.log(
        `${name}: ${Math.round(outcome.load.requestsPerSecond)} requests/s, p99 ${outcome.load.p99Ms} ms, ${outcome.load.processorMsPerRequest.toFixed(1)} ms of processor time each`,
      );
    }
  }
  return Object.fromEntries([...measured].map(([name, loads]) => [name, summaryOf(loads)]));
}

export const bodyOf = (query: string, after: string | null): string => JSON.stringify({ query, variables: { after } });

interface PageStart {
  readonly cursor: string;
  readonly lastId: string;
}

/** Where pages all over the base begin. */
export async function pageStarts(url: string, key: string, most: number): Promise<PageStart[]> {
  const starts: PageStart[] = [];
  const query = 'query($after: String) { customers(first: 200, after: $after) { edges { cursor node { id } } } }';
  for (let after: string | null = null; starts.length < most; after = starts.at(-1)!.cursor) {
    const page: { customers: { edges: { cursor: string; node: { id: string } }[] } } = await ask(url, key, query, {
      after,
    });
    const last = page.customers.edges.at(-1);
    if (!last) break;
    starts.push({ cursor: last.cursor, lastId: localId('Customer', last.node.id) });
  }
  // Behind the last one there is no page.
  return starts.slice(0, -1);
}

/** A peer that answers something else is no peer. */
export async function sameAnswers(subjects: readonly Subject[], key: string): Promise<void> {
  const answers = await Promise.all(
    subjects.map(({ url, bodies }) => {
      const { query, variables } = JSON.parse(bodies[0]!) as { query: string; variables: object };
      return ask<unknown>(url, key, query, variables);
    }),
  );
  for (const [i, { name }] of subjects.entries()) {
    const difference = differenceOf(answers[i], answers[0]);
    if (difference) throw new Error(`${name} answers otherwise: ${difference}`);
  }
}

/** The first; numbers may be a cent apart, since languages round halves in different ways. Null without any. */
function differenceOf(answer: unknown, expected: unknown, path = 'data'): string | null {
  if (typeof answer === 'number' && typeof expected === 'number' && Math.abs(answer - expected) < 0.011) return null;
  if (!isObject(answer) || !isObject(expected)) {
    return answer === expected ? null : `${path} is ${JSON.stringify(answer)} instead of ${JSON.stringify(expected)}`;
  }
  for (const key of new Set([...Object.keys(answer), ...Object.keys(expected)])) {
    const difference = differenceOf(answer[key], expected[key], `${path}.${key}`);
    if (difference) return difference;
  }
  return null;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
