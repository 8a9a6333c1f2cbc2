import { registerEnumType } from 'type-graphql';
import { clvTiers, predictionBases } from '../../entities/index.js';
import { summaryLocales } from '../../ml/explain/summary.js';
import { noBasisReasons } from '../../services/predictions/customer-clv.js';
import { tierBounds } from '../../services/predictions/tiers.js';
import { priorOnlyReasons } from '../../services/models/serving-bundle.js';
import { enumOf } from '../enum-of.js';

export const ClvTierEnum = enumOf(clvTiers);
export const ClvBasisEnum = enumOf([...predictionBases, 'NONE']);
export const ClvBasisReasonEnum = enumOf([...noBasisReasons, ...priorOnlyReasons]);
export const SummaryLocaleEnum = enumOf(summaryLocales);

registerEnumType(ClvTierEnum, {
  name: 'ClvTier',
  description: 'Where a customer stands among all, by predicted value.',
  valuesConfig: {
    PLATINUM: { description: `Percentile from ${tierBounds.PLATINUM} on: about the best 5 %.` },
    GOLD: { description: `Percentile from ${tierBounds.GOLD} to below ${tierBounds.PLATINUM}.` },
    SILVER: { description: `Percentile from ${tierBounds.SILVER} to below ${tierBounds.GOLD}.` },
    BRONZE: { description: `Percentile below ${tierBounds.SILVER}; also customers who have not bought yet.` },
  },
});

registerEnumType(ClvBasisEnum, {
  name: 'ClvBasis',
  description: 'What a prediction rests on.',
  valuesConfig: {
    MODEL: { description: 'The fine-tuned model.' },
    PRIOR: {
      description:
        'The buy-till-you-die prior (BG/NBD, Pareto/NBD or BG/BB, with Gamma-Gamma or log-normal order values) alone; `basisReason` says why.',
    },
    NONE: { description: 'Nothing: the customer has bought nothing of value before the as-of date.' },
  },
});

registerEnumType(ClvBasisReasonEnum, {
  name: 'ClvBasisReason',
  description: 'Why a prediction does not rest on the fine-tuned model.',
  valuesConfig: {
    NO_PURCHASES: { description: 'The customer has no order before the as-of date.' },
    NO_PAID_PURCHASES: {
      description:
        'The customer has orders before the as-of date, but on no day more was bought than returned: zero-priced, ' +
        'fees only, cancelled or returned.',
    },
    NO_ACTIVE_MODEL: { description: 'No model was promoted yet: the prior was fitted for this answer.' },
    ACTIVE_MODEL_UNUSABLE: {
      description:
        'The active model was made by an earlier version, and this one cannot use it: the prior was fitted for this answer.',
    },
    INSUFFICIENT_HISTORY: { description: 'There were too few customers in closed windows to train a model.' },
    TOO_FEW_PURCHASES: { description: 'Too few customers bought in closed windows to train a model.' },
    TRAINING_DID_NOT_HELP: { description: 'On held-out customers no training beat the prior.' },
  },
});

registerEnumType(SummaryLocaleEnum, { name: 'SummaryLocale' });
