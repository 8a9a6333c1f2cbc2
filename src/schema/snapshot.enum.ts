import { registerEnumType } from 'type-graphql';
import { snapshotSplits } from '../entities/index.js';
import { featureGroups } from '../ml/features/feature-group.js';
import { enumOf } from './enum-of.js';

export const SnapshotSplitEnum = enumOf(snapshotSplits);
export const FeatureGroupEnum = enumOf(featureGroups);
export const FeatureUnitEnum = enumOf(['days', 'count', 'money', 'ratio', 'flag']);

registerEnumType(SnapshotSplitEnum, { name: 'SnapshotSplit' });
registerEnumType(FeatureGroupEnum, {
  name: 'FeatureGroup',
  description: 'What a feature, a narrative span or a contribution is about.',
});
registerEnumType(FeatureUnitEnum, { name: 'FeatureUnit' });
