import { ClvError } from '../../errors.js';
import type { CustomerFilter } from '../customers/customer-filter.types.js';
import type { PredictionPeriod } from '../predictions/prediction-store.js';
import { type CampaignTerms, checkCampaignTerms } from './campaign-terms.js';
import { checkControlGroup, type ControlGroup } from './control-group.js';

/** Central 95 % interval of a measured uplift. */
export interface UpliftInterval {
  readonly lower: number;
  readonly upper: number;
}

export interface CampaignOffer extends CampaignTerms {
  /** Null if the uplift is taken as certain. */
  readonly upliftInterval?: UpliftInterval | null;
  /** Most that all contacts together may cost, in currency; null for no limit. */
  readonly budget?: number | null;
  /** Null for none. */
  readonly control?: ControlGroup | null;
}

/**
 * A campaign over a scored base. Contacting customer i is expected to earn
 *
 *     margin * uplift * E[value_i] - contactCost
 *
 * where E[value_i] is the predicted net spend in the horizon: the uplift raises the expected *spend*. (A campaign that raises the purchase
 * probability by the same factor has the same expectation, up to a probability of 1.) Customers with an expected profit above 0 are
 * contacted, the most valuable first, until the budget is spent. Customers without a prediction, who have never bought, and those of the
 * control group are no candidates.
 */
export interface CampaignPlan {
  readonly period: PredictionPeriod;
  /** Which customers; null for all. */
  readonly filter: CustomerFilter | null;
  readonly offer: CampaignOffer;
  /** Currency of the orders, and so of every amount; ISO 4217. */
  readonly currency: string;
  readonly reach: CampaignReach;
}

/** The limits of who is contacted, which do not depend on the base. */
interface CampaignReach {
  /** Customers with a higher prediction are worth a contact; Infinity where nobody is. */
  readonly breakEvenClv: number;
  /** Contacts that the budget pays for. */
  readonly affordable: number;
}

/** @throws ClvError BAD_USER_INPUT: what is wrong, and what it must be */
export function reachOf({ budget = null, upliftInterval, control, ...terms }: CampaignOffer): CampaignReach {
  checkCampaignTerms(terms);
  const { contactCost, margin, uplift } = terms;
  if (budget !== null && !(budget >= 0 && budget <= 1e15)) {
    throw new ClvError(
      'BAD_USER_INPUT',
      `"budget" is ${budget}; it must be an amount of 0 to 1,000,000,000,000,000. Leave it out for none.`,
    );
  }
  if (upliftInterval) checkInterval(uplift, upliftInterval);
  if (control) checkControlGroup(control);
  const worth = margin * uplift;
  return {
    breakEvenClv: worth > 0 ? contactCost / worth : Infinity,
    // Tolerant of rounding: 0.3 / 0.1 is a little below 3.
    affordable:
      budget === null || contactCost === 0
        ? Number.MAX_SAFE_INTEGER
        : Math.min(Math.floor((budget / contactCost) * (1 + 1e-12)), Number.MAX_SAFE_INTEGER),
  };
}

function checkInterval(uplift: number, { lower, upper }: UpliftInterval): void {
  if (lower >= -1 && upper <= 10 && lower <= uplift && uplift <= upper) return;
  throw new ClvError(
    'BAD_USER_INPUT',
    `"upliftInterval" is ${lower} to ${upper}; it must lie in -1 to 10 and hold "uplift", which is ${uplift}.`,
  );
}
