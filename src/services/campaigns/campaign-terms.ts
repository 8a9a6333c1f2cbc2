import { ClvError } from '../../errors.js';

/** Cost and effect of a contact; the same for every customer. */
export interface CampaignTerms {
  /** Per customer, in currency: 0, or a millionth or more. */
  readonly contactCost: number;
  /** Share of the revenue that is kept, 0 to 1. */
  readonly margin: number;
  /**
   * Relative increase of a customer's spend that a contact causes. On closed windows it is an assumption, relative to the actual spend,
   * since nobody was contacted then.
   */
  readonly uplift: number;
}

/** @throws ClvError BAD_USER_INPUT: what is wrong, and what it must be */
export function checkCampaignTerms({ contactCost, margin, uplift }: CampaignTerms): void {
  // Divided by smaller amounts, a return may overflow.
  if (!(contactCost === 0 || (contactCost >= 1e-6 && contactCost <= 1e12)))
    throw wrong('contactCost', contactCost, '0, or an amount of 0.000001 to 1,000,000,000,000');
  if (!(margin >= 0 && margin <= 1)) {
    throw wrong('margin', margin, 'a share of the revenue, 0 to 1: 0.4 stands for 40 %');
  }
  if (!(uplift >= 0 && uplift <= 10)) {
    throw wrong('uplift', uplift, 'a relative increase, 0 to 10: 0.1 stands for 10 % more');
  }
}

function wrong(name: string, value: number, right: string): ClvError {
  return new ClvError('BAD_USER_INPUT', `"${name}" is ${value}; it must be ${right}.`);
}
