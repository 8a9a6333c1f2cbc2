import { cents, studentQuantile, sum } from '../../math.js';

/** Of the customers of one group: their net spend since the campaign's start, beside what was predicted before it. */
export interface GroupSpend {
  readonly customers: number;
  /** Who spent more than they sent back. */
  readonly buyers: number;
  readonly meanSpend: number;
  /** Of the sample, as are the others. */
  readonly varianceSpend: number;
  readonly meanPredicted: number;
  readonly variancePredicted: number;
  readonly covariance: number;
}

export interface MeasuredCampaign {
  readonly contacted: GroupSpend;
  readonly control: GroupSpend;
  /** Customers contacted, those who were erased since included. */
  readonly contacts: number;
  readonly contactCost: number;
  readonly margin: number;
}

/** With a central 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
}

/** What a campaign has brought, against not having it. Money in currency. */
export interface CampaignEffect {
  readonly spendPerCustomer: Estimate;
  readonly incrementalRevenue: Estimate;
  readonly incrementalProfit: Estimate;
  /** Null where the contacts cost nothing. */
  readonly returnOnInvestment: Estimate | null;
  /** Null where the control group's spend cannot be told from 0. */
  readonly uplift: Estimate | null;
}

/** Of a group's mean. */
interface Mean {
  readonly value: number;
  /** Of the mean, not of the customers. */
  readonly variance: number;
}

/**
 * Compares the groups, whose members chance has parted. What was predicted of a customer takes out differences that were
 * there before (CUPED; Deng, Xu, Kohavi & Walker 2013): y - theta (x - mean of x) is compared in place of the spend y, with
 * the prediction x and the theta at which the variance of the difference is least. It expects the same difference
 * at any theta. The interval of the difference is Student's, that of the uplift Fieller's (1954).
 *
 * Both groups are taken to vary alike: a small control group seldom holds those who spend most, and where it does not, its
 * mean and its own variance are both too low, so that the effect would be too high and too sure (decision 112).
 */
export function campaignEffect({
  contacted,
  control,
  contacts,
  contactCost,
  margin,
}: MeasuredCampaign): CampaignEffect {
  const customers = contacted.customers + control.customers;
  const meanPredicted =
    (contacted.customers * contacted.meanPredicted + control.customers * control.meanPredicted) / customers;
  const { theta, variance } = withinGroups(contacted, control);
  const adjusted = (group: GroupSpend): Mean => ({
    value: group.meanSpend - theta * (group.meanPredicted - meanPredicted),
    variance: variance / group.customers,
  });
  const [a, b] = [adjusted(contacted), adjusted(control)];
  const t = studentQuantile(0.975, customers - 2);
  const half = t * Math.sqrt(a.variance + b.variance);
  const difference = a.value - b.value;
  const perCustomer = { value: difference, lower: difference - half, upper: difference + half };
  const cost = contacts * contactCost;
  const profit = mapped(perCustomer, (each) => margin * contacts * each - cost);
  return {
    spendPerCustomer: mapped(perCustomer, cents),
    incrementalRevenue: mapped(perCustomer, (each) => cents(contacts * each)),
    incrementalProfit: mapped(profit, cents),
    returnOnInvestment: cost > 0 ? mapped(profit, (each) => each / cost) : null,
    uplift: upliftOf(a, b, t),
  };
}

const mapped = ({ value, lower, upper }: Estimate, of: (amount: number) => number): Estimate => ({
  value: of(value),
  lower: of(lower),
  upper: of(upper),
});

/** Of the mean: predictions that are all the same differ by less in sums of floating-point numbers, which says nothing. */
const alikeTo = 1e-8;

/** Theta, and the variance that is left of the customers of a group. */
function withinGroups(...groups: readonly GroupSpend[]): { theta: number; variance: number } {
  const degrees = (group: GroupSpend) => group.customers - 1;
  const pooled = (of: (group: GroupSpend) => number) =>
    sum(groups.map((group) => degrees(group) * of(group))) / sum(groups.map(degrees));
  const ofPredicted = pooled(({ variancePredicted }) => variancePredicted);
  const covariance = pooled((group) => group.covariance);
  const alike = alikeTo * Math.max(...groups.map(({ meanPredicted }) => meanPredicted));
  const theta = ofPredicted > alike ** 2 ? covariance / ofPredicted : 0;
  // Never below 0 but for rounding.
  return { theta, variance: Math.max(pooled(({ varianceSpend }) => varianceSpend) - theta * covariance, 0) };
}

/** a / b - 1, with the values r of a / b at which a - r b is within t standard errors of 0. */
function upliftOf(a: Mean, b: Mean, t: number): Estimate | null {
  const square = b.value ** 2 - t ** 2 * b.variance;
  if (!(b.value > 0 && square > 0)) return null;
  const middle = (a.value * b.value) / square;
  const half = (t * Math.sqrt(a.variance * square + b.variance * a.value ** 2)) / square;
  return { value: a.value / b.value - 1, lower: middle - half - 1, upper: middle + half - 1 };
}
