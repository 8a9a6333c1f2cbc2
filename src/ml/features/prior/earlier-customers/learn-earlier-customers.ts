import { yearDays } from '../../../../days.js';
import type { RepeatPurchases } from '../../repeat-purchases.js';
import { thinPurchaseRows, toPurchaseRows } from '../purchases/purchase-rows.js';
import type { EarlierCustomers } from './earlier-customers.js';
import type { PriorForm } from '../fit-prior.js';
import { fitPurchases, mostEarlierRows, weekDays } from '../purchases/fit-purchases.js';
import { historyOf } from '../history.js';
import { fitWithNewcomers, logLikelihoodOf } from '../newcomers/fit-with-newcomers.js';
import { columnsOnClock, firstDayOf } from '../clock/purchase-clock.js';
import type { RfmColumns } from '../rfm-summary.js';

/** Years before history. Between two of them predictions hardly differ. */
const years = [0.5, 1, 2, 4, 8];
/** Log-likelihood, in nats, that each step must gain. What a few customers bring by chance is no rule. */
const leastGain = 10;

/**
 * The form with customers from before history, where that raises the likelihood. Newcomers who hardly return, and leaving with time,
 * explain the same thing: that the first customers of history buy more than the last ones. The likelier explanation is taken, since two
 * together would count it twice; and customers from before history are modelled for BG/NBD only.
 * @param columns customers as of `asOf`, in calendar days
 * @param comebacks their second purchase days before it, where the form tells newcomers
 */
export function withEarlierCustomers(
  form: PriorForm,
  columns: RfmColumns,
  comebacks: readonly RepeatPurchases[],
  asOf: Date,
): PriorForm {
  // Customers from before history, who buy more than those who came since, may pass for a pace that fades, but not the other way round.
  const { fading: _, ...even } = form;
  const { leavesWithTime, ...atPurchases } = even;
  const earlier = form.yearly ? null : learnEarlierCustomers(atPurchases, columns, asOf);
  if (!earlier) return form;
  const told: PriorForm = { ...atPurchases, tellsNewcomers: false, earlier };
  const likelihood = (of: PriorForm) => {
    const options = { form: { ...of, asOf }, meanOrderValue: 0 };
    const { parameters } = fitWithNewcomers(columns, comebacks, { names: [], spans: [] }, options);
    return logLikelihoodOf(parameters, columns, asOf);
  };
  return (form.tellsNewcomers || leavesWithTime) && likelihood(even) > likelihood(told) ? even : told;
}

/**
 * For how long customers had come before history begins: lengths are tried from short to long, as long as each raises the likelihood
 * beyond chance.
 * @param form of the prior without it
 * @param columns customers as of `asOf`, in calendar days
 * @returns null where history begins with the shop's first customers, as far as their purchases tell
 */
function learnEarlierCustomers(form: PriorForm, columns: RfmColumns, asOf: Date): EarlierCustomers | null {
  const since = firstDayOf(historyOf(columns), asOf);
  const timed = columnsOnClock({ ...form, earlier: { since, length: 0 } }, columns, asOf);
  const rows = thinPurchaseRows(toPurchaseRows(timed, weekDays), mostEarlierRows);
  const likelihood = (earlier?: EarlierCustomers) =>
    fitPurchases(rows, true, { leavesAtFirst: form.leavesAtFirst, earlier }).logLikelihood;
  let reached = likelihood();
  let told: EarlierCustomers | null = null;
  for (const each of years) {
    const earlier = { since, length: (each * yearDays) / weekDays };
    const next = likelihood(earlier);
    if (next - reached < leastGain) break;
    reached = next;
    told = earlier;
  }
  return told;
}
