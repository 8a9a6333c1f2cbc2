import type { NewcomersReport, SnapshotReport } from '../services/preprocessing/snapshot-report.js';
import { grouped } from '../text.js';

/** What an administrator should know of a snapshot's report before training, one line for each finding. */
export function snapshotLines(report: SnapshotReport): string[] {
  return [counts(report), ...Array.from(findings(report), (finding) => `  ${finding}`)];
}

function counts({ customers, rows }: SnapshotReport): string {
  return (
    `${grouped(customers.kept)} of ${grouped(customers.read)} customers have bought; ` +
    `${grouped(rows.train)} rows to train on, ${grouped(rows.validation)} to check on.`
  );
}

/** @param month 0 for January */
const nameOf = (month: number): string =>
  new Date(Date.UTC(2000, month)).toLocaleString('en', { month: 'long', timeZone: 'UTC' });

/** From this ratio on, cohorts of newcomers pass for usual beside worse ones. */
const nearlyUsual = 0.9;

/** The cohorts are a fixed part of history: most may be usual, and those that are not may lie between others. */
function fewerComeBack({ differ, cohorts }: NewcomersReport): string {
  const lowest = Math.min(...cohorts.map(({ ratio }) => ratio));
  const usual = lowest < nearlyUsual ? nearlyUsual : 1;
  const isWorse = ({ ratio }: { readonly ratio: number }) => ratio < usual;
  const { from } = cohorts.find(isWorse)!;
  const next = cohorts[cohorts.findLastIndex(isWorse) + 1];
  const when = next ? `from ${from} until ${next.from}` : `since ${from}`;
  const times = Number(lowest.toFixed(2));
  const how = differ === 'SHARE' ? `as few as ${times} times as many` : `they buy ${times} times as often at worst`;
  return `Fewer of those who first bought ${when} come back than of earlier customers: ${how}.`;
}

/** Stands for the last day of a month, see `readBillingDays`. */
const lastOfMonth = 31;

/** Amounts that a line names. */
const mostNamed = 5;

/** A shop's own double entries are fewer (3 % in Online Retail II): so many copies may be pieces that have a row each. */
const leastCopies = 0.05;

/** Each finding is explained in docs/operating-models.md, that of copies in docs/importing.md. */
function* findings(report: SnapshotReport): Generator<string> {
  const {
    cleaning,
    silentSince,
    idsChanged,
    eventsSince = {},
    billingDays,
    closures = [],
    season,
    surge,
    paceRise,
    newcomers,
    earlierCustomers,
    firstValueLimit,
    firstAmounts,
    regularShare,
    orderValueRise = 0,
    priorWarnings,
  } = report;
  if (cleaning.duplicateLines > leastCopies * cleaning.lines) {
    yield (
      `${grouped(cleaning.duplicateLines)} of ${grouped(cleaning.lines)} order lines are copies of others in their order, and count for ` +
      'nothing: if each piece has a row of its own, import the orders again without --map product.externalId, or with quantities added up.'
    );
  }
  if (silentSince) {
    yield (
      `Nobody has bought since ${silentSince}: if purchases are missing, import them, or preprocess as of an earlier date. If only customers ` +
      'who have stopped were imported, far too much is expected: import the others, too.'
    );
  }
  if (idsChanged) {
    yield (
      `Hardly anybody bought both before ${idsChanged} and since: if customers were given new ids then, import the older orders ` +
      'again with the new ids, and preprocess again.'
    );
  }
  for (const [type, since] of Object.entries(eventsSince)) {
    yield `Events ${type} have been recorded since ${since}: that there are none before says nothing about a customer.`;
  }
  if (billingDays) {
    const days = billingDays.map((day) => (day === lastOfMonth ? 'last' : `${day}`));
    yield `Many purchases are on these days of the month: ${days.join(', ')}. Models count the months that a customer has missed.`;
  }
  for (const { from, to } of closures) {
    yield `Nobody bought from ${from} to ${to}: if the shop was open, orders are missing. Import them, and preprocess again.`;
  }
  if (season) {
    const busiest = Math.max(...season);
    yield `Customers buy most often in ${nameOf(season.indexOf(busiest))}: ${busiest} times as often as in an average month.`;
  }
  if (surge)
    yield `All customers bought ${surge.times} times as often from ${surge.from} to ${surge.to}: not expected to come again.`;
  if (paceRise?.until)
    yield `From ${paceRise.since} to ${paceRise.until} all customers came to buy ${paceRise.times} times as often.`;
  else if (paceRise) yield `All customers have bought ${paceRise.times} times as often since ${paceRise.since}.`;
  if (newcomers) yield fewerComeBack(newcomers);
  if (earlierCustomers)
    yield `The first customers buy as if many had bought before ${earlierCustomers.historyBegins}, when the orders begin.`;
  if (firstValueLimit)
    yield `First purchases of more than ${grouped(firstValueLimit)} say no more of later ones than one of that value.`;
  if (firstAmounts)
    yield `Who began with exactly ${severalOf(firstAmounts)} buys otherwise than who paid a little less or more.`;
  if (regularShare) {
    const share = `${Math.round(100 * regularShare)} %`;
    yield `${share} of those with four purchases or more buy at regular intervals: who misses one may have left.`;
  }
  const percent = Math.round(100 * Math.abs(orderValueRise));
  if (percent > 0) {
    const compared = `${percent} % ${orderValueRise > 0 ? 'more' : 'less'}`;
    yield `The same customers spend ${compared} an order than a year before: expected to go on for a year.`;
  }
  if (priorWarnings.length > 0) yield `The prior is less certain than usual: ${priorWarnings.join(', ')}.`;
}

/** `19, 29 or 49` */
function severalOf(amounts: readonly number[]): string {
  const named = amounts.slice(0, mostNamed).map((amount) => grouped(amount));
  if (amounts.length > mostNamed) return `${named.join(', ')} or one of ${amounts.length - mostNamed} other amounts`;
  return new Intl.ListFormat('en-GB', { type: 'disjunction', style: 'long' }).format(named);
}
