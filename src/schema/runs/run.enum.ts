import { registerEnumType } from 'type-graphql';
import { runKinds, runStates } from '../../entities/index.js';
import { enumOf } from '../enum-of.js';

export const RunKindEnum = enumOf(runKinds);
export const RunStateEnum = enumOf(runStates);

registerEnumType(RunKindEnum, {
  name: 'RunKind',
  valuesConfig: {
    PREPROCESS: { description: 'Cleans the history and cuts it into a snapshot that models learn from.' },
    FINE_TUNE: { description: 'Trains a candidate model on a snapshot.' },
    SCORE: { description: 'Predicts for every customer with a model.' },
    EVALUATE: { description: "Compares a model's predictions with what happened since." },
    RETRAIN: {
      description:
        'Preprocesses, fine-tunes, compares and, if the new model passes, promotes; scores in either case (`startRetrain`).',
    },
    COMPARE: { description: 'Compares two models on the same customers.' },
    NOTE_CHANGES: { description: 'Notes whose value or tier in lists has changed because another model is active.' },
  },
});

registerEnumType(RunStateEnum, {
  name: 'RunState',
  valuesConfig: {
    PENDING: { description: 'Waits for a worker, the first time or again.' },
    RUNNING: { description: 'A worker is working on it.' },
    COMPLETED: { description: 'All was done; `result` says what came of it.' },
    FAILED: { description: 'It could not be done; `error` says why.' },
    CANCELLED: { description: 'It was cancelled before all was done.' },
  },
});
