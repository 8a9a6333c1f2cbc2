import { registerEnumType } from 'type-graphql';
import { modelStates, trainingObjectives, trainingStrategies } from '../entities/index.js';
import { gradeMeanings, type Grade } from '../ml/training/grade.js';
import { enumOf } from './enum-of.js';

export const ModelStateEnum = enumOf(modelStates);
export const TrainingStrategyEnum = enumOf(trainingStrategies);
export const TrainingObjectiveEnum = enumOf(trainingObjectives);
export const ModelGradeEnum = enumOf(Object.keys(gradeMeanings) as Grade[]);

registerEnumType(ModelStateEnum, {
  name: 'ModelState',
  valuesConfig: {
    CANDIDATE: { description: 'Trained and evaluated; serves once it is promoted.' },
    ACTIVE: { description: 'Serves. There is at most one.' },
    RETIRED: { description: 'Served before.' },
  },
});

registerEnumType(TrainingStrategyEnum, {
  name: 'TrainingStrategy',
  valuesConfig: {
    FULL: { description: 'Every weight learns.' },
    LORA: { description: 'Low-rank additions to the attention learn, the rest stays.' },
    HEAD: { description: 'Only the head learns.' },
  },
});

registerEnumType(TrainingObjectiveEnum, {
  name: 'TrainingObjective',
  valuesConfig: {
    ZILN: { description: 'Zero-inflated lognormal likelihood: a whole distribution of the value.' },
    MSE: { description: 'Mean squared error of the value.' },
    CLASSIFICATION: { description: 'Cross-entropy over value tiers.' },
  },
});

registerEnumType(ModelGradeEnum, {
  name: 'ModelGrade',
  description: 'How a model does beside the buy-till-you-die prior and the best plain ranking.',
  valuesConfig: Object.fromEntries(
    Object.entries(gradeMeanings).map(([grade, description]) => [grade, { description }]),
  ),
});
