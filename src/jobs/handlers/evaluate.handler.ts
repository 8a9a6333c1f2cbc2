import { z } from 'zod';
import { runEvaluation } from '../../services/fine-tuning/evaluation.service.js';
import { requireTrainedModel } from '../../services/models/find-model.js';
import type { ModelLoader } from '../../services/models/loaded-model.js';
import type { JobHandler } from '../job.js';
import { horizonDays, instant, parseInput } from './input.js';

const evaluateRunInput = z.object({ modelId: z.string().optional(), asOf: instant, horizonDays });

/** Compares predictions as of a past date with the outcome; by the active model unless one is named. */
export function evaluateHandler(models: ModelLoader): JobHandler {
  return async (input, context) => {
    const { modelId, asOf, horizonDays } = parseInput(evaluateRunInput, input);
    const { id } = await requireTrainedModel(context.dataSource.manager, modelId);
    const request = { modelId: id, asOf, horizonDays };
    return { modelId: id, ...(await runEvaluation(context.dataSource, models, request, context)) };
  };
}
