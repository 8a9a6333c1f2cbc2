import { registerEnumType } from 'type-graphql';
import { snapshotSplits } from '../../entities/index.js';
import { featureGroups } from '../../ml/features/feature-group.js';
import { enumOf } from '../enum-of.js';

export const SnapshotSplitEnum = enumOf(snapshotSplits);
export const FeatureGroupEnum = enumOf(featureGroups);
export const FeatureUnitEnum = enumOf(['days', 'count', 'money', 'ratio']);

registerEnumType(SnapshotSplitEnum, {
  name: 'SnapshotSplit',
  valuesConfig: {
    TRAIN: { description: 'Models learn from it.' },
    VALIDATION: {
      description:
        'Of a held-out customer: no weight is learnt from it; it tells when to stop, and how good a model is.',
    },
  },
});
registerEnumType(FeatureGroupEnum, {
  name: 'FeatureGroup',
  description: 'What a feature, a narrative span or a contribution is about.',
  valuesConfig: {
    RECENCY: { description: 'How long ago the last purchase was.' },
    FREQUENCY: { description: 'How many purchases there were.' },
    SPEND: { description: 'What was spent, in all and a purchase.' },
    TREND: { description: 'Recent spend against earlier spend.' },
    CADENCE: { description: 'Days between purchases: how many, how regular, and whether the next one is overdue.' },
    TENURE: { description: 'How long the customer has been one.' },
    CATEGORIES: { description: 'What is bought: products and categories, and how varied they are.' },
    BASKET: { description: 'What is in a purchase: items and products.' },
    RETURNS: { description: 'How much of what was bought came back.' },
    ENGAGEMENT: { description: 'Page views, searches, clicks, carts and e-mails opened.' },
    SUPPORT: { description: 'Support tickets and reviews.' },
    COUNTRY: { description: 'Where the customer lives.' },
    SEASON: { description: 'The time of year, and how much of the spend fell into the season that is coming.' },
    HORIZON: { description: 'How many days the prediction is for.' },
    COVARIATES: { description: 'Attributes of the customer that the model was told to read.' },
  },
});
registerEnumType(FeatureUnitEnum, {
  name: 'FeatureUnit',
  valuesConfig: {
    DAYS: { description: 'A number of days.' },
    COUNT: { description: 'How many, or how many on average.' },
    MONEY: { description: 'An amount in the currency of the orders.' },
    RATIO: { description: 'A number without a unit, e.g. a share.' },
  },
});
