import { cents, studentQuantile, sum } from '../../math.js';

/** Net spend of a group's customers since the campaign's start, and what was predicted before it. */
export interface GroupSpend {
  readonly customers: number;
  /** Customers with a net spend above 0. */
  readonly buyers: number;
  readonly meanSpend: number;
  /** A sample variance, as are the others. */
  readonly varianceSpend: number;
  readonly meanPredicted: number;
  readonly variancePredicted: number;
  readonly covariance: number;
}

interface MeasuredCampaign {
  readonly contacted: GroupSpend;
  readonly control: GroupSpend;
  /** Contacted customers, including those who were erased since. */
  readonly contacts: number;
  readonly contactCost: number;
  readonly margin: number;
}

/** An estimate with its central 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
}

/** The causal effect of a campaign. Money in currency. */
export interface CampaignEffect {
  readonly spendPerCustomer: Estimate;
  readonly incrementalRevenue: Estimate;
  readonly incrementalProfit: Estimate;
  /** Null where the contacts cost nothing. */
  readonly returnOnInvestment: Estimate | null;
  /** Null where the control group's spend does not differ significantly from 0. */
  readonly uplift: Estimate | null;
}

/** The means of both groups at the same prediction. */
interface Means {
  readonly contacted: number;
  readonly control: number;
  /** Of the means, not of the customers. */
  readonly variance: { readonly contacted: number; readonly control: number; readonly common: number };
  readonly degrees: number;
}

/**
 * Compares the two groups, which were assigned at random. Predictions are used to remove differences that existed before (CUPED; Deng, Xu,
 * Kohavi & Walker 2013): y - theta (x - mean of x) is compared in place of the spend y, where x is the prediction and theta minimises the
 * variance of the difference. The expected difference is the same for any theta. The interval of the difference is Student's, that of the
 * uplift Fieller's (1954). Both allow for theta being estimated from the same customers, as an analysis of covariance does: with few
 * customers that matters.
 *
 * Both groups are assumed to have the same variance. A small control group seldom has the customers who spend most; without them its mean
 * and its own variance are both too low, so that the effect would be too large and its interval too narrow (decision 112).
 */
export function campaignEffect({
  contacted,
  control,
  contacts,
  contactCost,
  margin,
}: MeasuredCampaign): CampaignEffect {
  const means = meansOf(contacted, control);
  const { variance } = means;
  const t = studentQuantile(0.975, means.degrees);
  const half = t * Math.sqrt(variance.contacted + variance.control - 2 * variance.common);
  const difference = means.contacted - means.control;
  const perCustomer = { value: difference, lower: difference - half, upper: difference + half };
  const cost = contacts * contactCost;
  const profit = mapped(perCustomer, (each) => margin * contacts * each - cost);
  return {
    spendPerCustomer: mapped(perCustomer, cents),
    incrementalRevenue: mapped(perCustomer, (each) => cents(contacts * each)),
    incrementalProfit: mapped(profit, cents),
    returnOnInvestment: cost > 0 ? mapped(profit, (each) => each / cost) : null,
    uplift: upliftOf(means, t),
  };
}

const mapped = ({ value, lower, upper }: Estimate, of: (amount: number) => number): Estimate => ({
  value: of(value),
  lower: of(lower),
  upper: of(upper),
});

/** Relative to the mean: smaller differences of predictions are rounding errors of equal ones. */
const alikeTo = 1e-8;

function meansOf(contacted: GroupSpend, control: GroupSpend): Means {
  const customers = contacted.customers + control.customers;
  const meanPredicted =
    (contacted.customers * contacted.meanPredicted + control.customers * control.meanPredicted) / customers;
  /** Sums of squares and products within both groups. */
  const within = (of: (group: GroupSpend) => number) =>
    sum([contacted, control].map((group) => (group.customers - 1) * of(group)));
  const ofPredicted = within(({ variancePredicted }) => variancePredicted);
  const products = within(({ covariance }) => covariance);
  const tells = ofPredicted > customers * (alikeTo * meanPredicted) ** 2;
  const theta = tells ? products / ofPredicted : 0;
  // Less the two means and theta.
  const degrees = customers - (tells ? 3 : 2);
  // Below 0 only by rounding.
  const variance = Math.max(within(({ varianceSpend }) => varianceSpend) - theta * products, 0) / degrees;
  const off = (group: GroupSpend) => group.meanPredicted - meanPredicted;
  const adjusted = (group: GroupSpend) => group.meanSpend - theta * off(group);
  const ofTheta = (one: GroupSpend, other: GroupSpend) =>
    tells ? (variance * off(one) * off(other)) / ofPredicted : 0;
  return {
    contacted: adjusted(contacted),
    control: adjusted(control),
    variance: {
      contacted: variance / contacted.customers + ofTheta(contacted, contacted),
      control: variance / control.customers + ofTheta(control, control),
      common: ofTheta(contacted, control),
    },
    degrees,
  };
}

/** a / b - 1, with the values r of a / b at which a - r b is within t standard errors of 0. */
function upliftOf({ contacted: a, control: b, variance }: Means, t: number): Estimate | null {
  const square = b ** 2 - t ** 2 * variance.control;
  if (!(b > 0 && square > 0)) return null;
  const product = a * b - t ** 2 * variance.common;
  // a / b lies between the bounds, so that this is below 0 only by rounding.
  const half = Math.sqrt(Math.max(product ** 2 - square * (a ** 2 - t ** 2 * variance.contacted), 0));
  return { value: a / b - 1, lower: (product - half) / square - 1, upper: (product + half) / square - 1 };
}
