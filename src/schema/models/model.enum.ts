import { registerEnumType } from 'type-graphql';
import { modelStates, trainingObjectives, trainingStrategies } from '../../entities/index.js';
import { adviceCodes } from '../../ml/training/advice.js';
import { wordReadings } from '../../ml/model/served-model.js';
import { scoringPrecisions } from '../../services/fine-tuning/scoring-precision.js';
import { gradeMeanings, type Grade } from '../../ml/training/grade.js';
import { enumOf } from '../enum-of.js';

export const ModelStateEnum = enumOf(modelStates);
export const TrainingStrategyEnum = enumOf(trainingStrategies);
export const TrainingObjectiveEnum = enumOf(trainingObjectives);
export const ModelAdviceCodeEnum = enumOf(adviceCodes);
export const ScoringPrecisionEnum = enumOf(scoringPrecisions);
export const WordReadingEnum = enumOf(wordReadings);
export const ModelGradeEnum = enumOf(Object.keys(gradeMeanings) as Grade[]);

registerEnumType(ModelStateEnum, {
  name: 'ModelState',
  valuesConfig: {
    TRAINING: { description: 'Its fine-tune has not ended yet.' },
    FAILED: { description: 'Its fine-tune failed or was cancelled: it can never serve.' },
    CANDIDATE: { description: 'Trained and evaluated; serves once it is promoted.' },
    ACTIVE: { description: 'Serves. There is at most one.' },
    RETIRED: { description: 'Served before.' },
  },
});

registerEnumType(TrainingStrategyEnum, {
  name: 'TrainingStrategy',
  valuesConfig: {
    FULL: { description: 'Every weight learns.' },
    LORA: {
      description:
        'Low-rank adapters of the attention, the numeric tokens and the head learn; the encoder stays as it is.',
    },
    HEAD: { description: 'Only the numeric tokens and the head learn.' },
  },
});

registerEnumType(TrainingObjectiveEnum, {
  name: 'TrainingObjective',
  valuesConfig: {
    ZILN: { description: 'Zero-inflated lognormal likelihood: a whole distribution of the value.' },
    MSE: { description: 'Mean squared error of the value.' },
    CLASSIFICATION: {
      description:
        'Cross-entropy over value tiers of the longest learnt horizon; its values over other horizons change as the prior does.',
    },
  },
});

registerEnumType(ScoringPrecisionEnum, {
  name: 'ScoringPrecision',
  description: 'Of the linear layers of the encoder, where nearly all the time goes.',
  valuesConfig: {
    FLOAT32: { description: 'As it was trained.' },
    INT8: {
      description:
        'In 8-bit integers, except the last of the layers: 1.7 to 2.6 times as fast, the more so the more layers there are. ' +
        'Predictions of held-out customers stay the same.',
    },
  },
});

registerEnumType(WordReadingEnum, {
  name: 'WordReading',
  description: "What a model does with the words of customers' narratives.",
  valuesConfig: {
    NONE: { description: 'Nothing: there are no words that say more than the numbers do, or they do not help.' },
    EFFECTS: { description: 'Each word moves the prior by an effect of its own.' },
    ENCODED: { description: 'The language model reads them all together.' },
  },
});

registerEnumType(ModelGradeEnum, {
  name: 'ModelGrade',
  description:
    'How a model compares with the buy-till-you-die prior and the best plain ranking. A level that is more than 30 % off, ' +
    'beyond chance, costs one grade.',
  valuesConfig: Object.fromEntries(
    Object.entries(gradeMeanings).map(([grade, description]) => [grade, { description }]),
  ),
});

registerEnumType(ModelAdviceCodeEnum, {
  name: 'ModelAdviceCode',
  valuesConfig: {
    DO_NOT_PROMOTE: {
      description:
        'Grade E; or D, unless only its level is off, by no more than that of the prior, which would answer in its place.',
    },
    NOTHING_TO_JUDGE_BY: { description: 'No held-out customer bought anything in the newest closed window.' },
    NOBODY_BOUGHT_LATELY: {
      description:
        'In its snapshot nobody had bought for longer than ever before, so that far too much may be expected: the data end there, or only customers who have stopped were imported.',
    },
    PRIOR_SERVES: { description: 'The buy-till-you-die prior answers alone, whatever the model learnt.' },
    REALISED_LEVEL_OFF: {
      description:
        'The sum of its newest forecast whose horizon is over was off by more than 30 %, beyond chance: retrain it.',
    },
    TOO_FEW_HELD_OUT: {
      description:
        'The lift cannot be told from chance, and is known only roughly; or it is of fewer than 20 customers.',
    },
    PLAIN_RANK_IS_BETTER: { description: 'A single number of the past ranks customers better, beyond chance.' },
    LEVEL_TOO_HIGH: { description: 'The sum of the predictions is certainly more than 30 % too high.' },
    LEVEL_TOO_LOW: { description: 'The sum of the predictions is certainly more than 30 % too low.' },
    HORIZON_NOT_LEARNT: {
      description: 'The horizon of its snapshot is more than 1.5 times as long as any that was learnt.',
    },
    INTERVALS_TOO_NARROW: {
      description:
        '10 percentage points fewer customers than should lie inside their 80 % interval, beyond chance. More than 80 % should if many customers are more than 80 % likely to buy nothing: their interval is 0 to 0.',
    },
    INTERVALS_TOO_WIDE: {
      description: '10 percentage points more customers than should lie inside their 80 % interval, beyond chance.',
    },
  },
});
