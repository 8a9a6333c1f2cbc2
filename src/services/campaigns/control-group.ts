import { isStorable } from '../../storable-text.js';
import type { CampaignGroup } from '../../entities/index.js';
import { ClvError } from '../../errors.js';
import type { SqlParameters } from '../sql-parameters.js';

/** Candidates who are not contacted, chosen at random, so that the campaign's effect can be measured by what they spend. */
export interface ControlGroup {
  /** Name of the campaign: groups of other names are independent draws. */
  readonly campaign: string;
  /** Of the candidates, 0 to 0.5. */
  readonly share: number;
}

const longestName = 100;

/** @throws ClvError BAD_USER_INPUT: what is wrong, and what it must be */
export function checkControlGroup({ campaign, share }: ControlGroup): void {
  if (!(share >= 0 && share <= 0.5)) {
    throw new ClvError('BAD_USER_INPUT', `The control group's "share" is ${share}; it must be 0 to 0.5.`);
  }
  if (
    campaign.trim() === '' ||
    campaign.trim() !== campaign ||
    campaign.length > longestName ||
    !isStorable(campaign)
  ) {
    throw new ClvError(
      'BAD_USER_INPUT',
      `The control group's "campaign" must be a name of 1 to ${longestName} characters without white space at its ends.`,
    );
  }
}

/** A condition on `prediction p`. @param control null where everybody is contacted */
export function groupCondition(
  group: CampaignGroup,
  control: ControlGroup | null | undefined,
  parameters: SqlParameters,
): string {
  if (!control) return group === 'CONTACTED' ? 'true' : 'false';
  const condition = heldOut(control, parameters);
  return group === 'CONTACTED' ? `not ${condition}` : condition;
}

/**
 * Whether the first 32 bits of SHA-256 of `<campaign>/<customer's id>` are below the share of 2^32. It depends only on the name and the
 * customer.
 */
function heldOut({ campaign, share }: ControlGroup, parameters: SqlParameters): string {
  const bound = Buffer.alloc(4);
  bound.writeUInt32BE(Math.floor(share * 2 ** 32));
  const name = parameters.add(campaign, 'text');
  return `(sha256(convert_to(${name} || '/' || p.customer_id, 'UTF8')) < ${parameters.add(bound, 'bytea')})`;
}
