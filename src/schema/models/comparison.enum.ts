import { registerEnumType } from 'type-graphql';
import { comparedMetrics, comparisonVerdicts } from '../../ml/training/comparison.js';
import { comparisonWarningCodes } from '../../services/models/model-comparison.service.js';
import { enumOf } from '../enum-of.js';

export const ComparisonVerdictEnum = enumOf(comparisonVerdicts);
export const ComparisonWarningCodeEnum = enumOf(comparisonWarningCodes);
export const ComparedMetricEnum = enumOf(comparedMetrics);
export const ComparedModelEnum = enumOf(['A', 'B']);

registerEnumType(ComparisonVerdictEnum, {
  name: 'ComparisonVerdict',
  description: 'Model a compared with model b, by normalised Gini, RMSE and |bias|.',
  valuesConfig: {
    BETTER: { description: 'Better beyond chance in one of them, worse in none.' },
    NOT_WORSE: { description: 'No difference beyond chance, or none that anybody would act on.' },
    WORSE: { description: 'Worse beyond chance in one of them.' },
  },
});
registerEnumType(ComparisonWarningCodeEnum, {
  name: 'ComparisonWarningCode',
  valuesConfig: {
    TRAINED_ON_WINDOW: { description: 'The model has learnt from labels of the window, of other customers.' },
    SNAPSHOT_UNKNOWN: { description: 'It is no longer known what the model has learnt from.' },
  },
});
registerEnumType(ComparedMetricEnum, {
  name: 'ComparedMetric',
  valuesConfig: {
    NORMALIZED_GINI: { description: 'Higher is better.' },
    SPEARMAN: { description: 'Higher is better.' },
    RMSE: { description: 'In currency; lower is better.' },
    MAE: { description: 'In currency; lower is better.' },
    DECILE_MAPE: {
      description:
        'Lower is better. Chance alone gives every model some, in resamples twice: the interval lies nearer to 0 than the difference itself.',
    },
    ABSOLUTE_BIAS: { description: '|sum predicted / sum actual - 1|; lower is better.' },
  },
});
registerEnumType(ComparedModelEnum, { name: 'ComparedModel' });
