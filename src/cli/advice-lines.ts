import type { ModelVersion } from '../entities/index.js';
import type { ModelsService } from '../services/models/models.service.js';

/** What to do about a model, one line for each piece of advice; none where nothing is wrong with it. */
export async function adviceLines(models: ModelsService, model: ModelVersion): Promise<string[]> {
  const [advice = []] = await models.advice([model]);
  return advice.map(({ message }) => `  ${message}`);
}
