import type { RunKind } from '../../entities/index.js';
import { ModelLoader } from '../../services/models/loaded-model.js';
import type { HandlerFactory, JobHandler } from '../job.js';
import { compareHandler } from './compare.handler.js';
import { evaluateHandler } from './evaluate.handler.js';
import { fineTuneHandler } from './fine-tune.handler.js';
import { noteChangesHandler } from './note-changes.handler.js';
import { preprocessHandler } from './preprocess.handler.js';
import { retrainHandler } from './retrain.handler.js';
import { rankAbandoned, scoreHandler, scoreShardHandler } from './score.handler.js';

/** What a worker does for each kind of run. Its engine and the models that it used last stay in memory. */
export const createHandlers: HandlerFactory = (dataSource, config) => {
  const models = new ModelLoader(dataSource, config);
  return {
    handlers: {
      PREPROCESS: preprocessHandler,
      FINE_TUNE: fineTuneHandler(models),
      SCORE: scoreHandler(models),
      EVALUATE: evaluateHandler(models),
      RETRAIN: retrainHandler(models),
      COMPARE: compareHandler(models),
      NOTE_CHANGES: noteChangesHandler,
    } satisfies Record<RunKind, JobHandler>,
    shardHandler: scoreShardHandler(models),
    abandonedShardsHandler: rankAbandoned,
  };
};
