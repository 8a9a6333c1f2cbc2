import type { ChangeCounts, ImportReport } from '../services/ingestion/import.types.js';
import { sum } from '../math.js';
import { counted, grouped, quoted } from '../text.js';

type Changes = ChangeCounts & { readonly removed?: number };

/** What the command prints about a load: counts, why rows were rejected, and what looks like a mistake. */
export function importSummary(report: ImportReport, rejectionsPath: string): string {
  const changes: [string, Changes][] = [
    ['customers', report.customers],
    ['products', report.products],
    ['orders', report.orders],
    ['order lines', report.orderLines],
    ['events', report.events],
  ];
  return [
    `${report.file}: ${counted(report.rowsRead, 'row')} of ${report.kind}, ${grouped(report.rowsAccepted)} accepted, ` +
      `${grouped(report.rowsRejected)} rejected` +
      (report.rowsLeftOut > 0 ? `, ${grouped(report.rowsLeftOut)} left out` : ''),
    ...rejectionLines(report, rejectionsPath),
    ...leftOutLines(report),
    ...changes.filter(([, counts]) => total(counts) > 0).map(([name, counts]) => changeLine(name, counts)),
    ...(report.rowsRead === 0 ? ['  the file has a header and no rows'] : []),
    ...(report.ordersWithoutCustomer > 0
      ? [`  ${counted(report.ordersWithoutCustomer, 'order')} without a customer`]
      : []),
    ...Array.from(warnings(report), (warning) => `  warning: ${warning}`),
    ...(report.linesInWindows1252 > 0
      ? [
          `  ${counted(report.linesInWindows1252, 'line')} read as Windows-1252, not being UTF-8: if letters look wrong, see --encoding`,
        ]
      : []),
    `  ${report.seconds.toFixed(1)} s (${report.readingSeconds.toFixed(1)} s of it reading), ` +
      `${grouped(report.rowsPerSecond)} rows/s`,
  ].join('\n');
}

/** Why rows were rejected, and where they are listed. */
export const rejectionLines = (
  { rejections, rowsRejected }: Pick<ImportReport, 'rejections' | 'rowsRejected'>,
  path: string,
): string[] => [
  ...Object.entries(rejections).map(([reason, count]) => `  ${counted(count, 'row')}: ${reason}`),
  ...(rowsRejected > 0 ? [`  listed in ${path}`] : []),
];

/** At most so many values are listed. Those that somebody forgot to name are frequent. */
const valuesShown = 5;

/** The values for which rows were left out, most frequent first. */
function leftOutLines({ leftOut, rowsLeftOut }: ImportReport): string[] {
  const shown = Object.entries(leftOut)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, valuesShown);
  const others = rowsLeftOut - sum(shown.map(([, rows]) => rows));
  return [...shown, ...(others > 0 ? [['other values', others] as const] : [])].map(
    ([reason, rows]) => `  ${counted(rows, 'row')} left out: ${reason}`,
  );
}

function* warnings(report: ImportReport): Generator<string> {
  const { repeatedOrders, spreadOrders, ordersWithLines, ordersMoved, negativePrices, mixedCurrencies } = report;
  const { placeholderCustomer: placeholder, decimalId, namesakes, unmatchedCustomers } = report;
  if (report.ordersWithoutCustomer > 0 && report.ordersWithoutCustomer === total(report.orders)) {
    yield 'no order has a customer, and nothing is predicted from such orders: --map customer.externalId=<column>';
  }
  if (repeatedOrders > 0) {
    yield (
      `${counted(repeatedOrders, 'row')} with the order id of a later row that has another date or total: the later one counts. ` +
      'If rows are lines or payments of an order, add them up by --kind order-lines; see docs/importing.md on which row wins'
    );
  }
  if (spreadOrders > 0) {
    yield (
      `${counted(spreadOrders, 'order')} with lines more than twelve hours apart, all counted on the first day: ` +
      'give returns ids of their own, and put the date before receipt numbers that restart each day'
    );
  }
  if (ordersWithLines > 0) {
    yield (
      `${counted(ordersWithLines, 'order')} with lines of an earlier load: these count, not the totals of this file. ` +
      'See docs/importing.md on what counts as spent'
    );
  }
  if (ordersMoved > 0) {
    yield (
      `${counted(ordersMoved, 'order')} moved from one customer to another: right if customers were given new ids; ` +
      'otherwise two systems use the same order numbers. See docs/importing.md on customers of two systems'
    );
  }
  if (negativePrices > 0) {
    yield (
      `${counted(negativePrices, 'line')} with a price below 0, not counted: write returns as negative quantities, ` +
      'and subtract discounts from prices'
    );
  }
  if (report.statusColumn !== null) {
    yield (
      `no rows were left out, and the column ${quoted(report.statusColumn)} was not read: if it says which orders were cancelled or never ` +
      'paid, leave these out by --only. See docs/importing.md on rows to leave out'
    );
  }
  if (report.isBesideDemo) {
    yield 'the demo shop is in this database, too: it is trained on and listed with your data. See the README on your own data';
  }
  if (placeholder) {
    yield (
      `customer ${quoted(placeholder.externalId)} has ${grouped(placeholder.orders)} of ` +
      `${grouped(placeholder.ofOrders)} orders: a placeholder for guests? See --empty`
    );
  }
  if (decimalId !== null) {
    yield (
      `ids of customers such as ${quoted(decimalId)} end in .0, as pandas writes numbers: ` +
      'another file without it makes other customers of them. Write ids as texts'
    );
  }
  if (namesakes) {
    yield (
      `${counted(namesakes.customers, 'customer')} of the source ${quoted(namesakes.source)} have the same ids as customers of this file: ` +
      'to clvgraph they are others. If they are the same people, give all files the same --source'
    );
  }
  if (unmatchedCustomers > 0) {
    const orders = report.kind === 'orders' || report.kind === 'order-lines' ? 'without orders' : 'with orders';
    yield (
      `hardly any customer of this file was known, and ${grouped(unmatchedCustomers)} known ones ${orders} are not in it: ` +
      'is the same id written in another way in one of the files, such as without leading zeros? See docs/importing.md on ids that do not meet'
    );
  }
  if (mixedCurrencies.length > 0) {
    const counts = mixedCurrencies.map(({ currency, orders }) => `${currency} ${grouped(orders)}`);
    yield (
      `stored orders are in ${counts.length} currencies (${counts.join(', ')}): amounts are added without conversion. ` +
      'Load one currency, or convert them before'
    );
  }
}

const total = ({ created, updated, unchanged, removed = 0 }: Changes): number =>
  created + updated + unchanged + removed;

function changeLine(name: string, { created, updated, unchanged, removed = 0 }: Changes) {
  const parts = { created, updated, unchanged, removed };
  const shown = Object.entries(parts).filter(([what, count]) => count > 0 || what === 'created');
  return `  ${name}: ${shown.map(([what, count]) => `${grouped(count)} ${what}`).join(', ')}`;
}
