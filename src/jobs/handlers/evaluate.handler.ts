import { z } from 'zod';
import { runEvaluation } from '../../services/fine-tuning/evaluation.service.js';
import type { ModelLoader } from '../../services/models/loaded-model.js';
import type { JobHandler } from '../job.js';
import { horizonDays, instant, parseInput } from './input.js';

const evaluateRunInput = z.object({ modelId: z.string(), asOf: instant, horizonDays });

/** Compares a model's predictions as of a past date with the outcome. */
export function evaluateHandler(models: ModelLoader): JobHandler {
  return async (input, context) => {
    const request = parseInput(evaluateRunInput, input);
    return { modelId: request.modelId, ...(await runEvaluation(context.dataSource, models, request, context)) };
  };
}
