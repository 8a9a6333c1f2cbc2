import type { ModelVersion } from '../../entities/index.js';
import { ClvError } from '../../errors.js';
import type { InPromotion, ModelsService } from './models.service.js';
import type { RunStartsService } from '../runs/run-starts.service.js';

/**
 * Changes the active model on request. Lists and segments read its predictions for all customers. If it has scored them, a run notes the
 * changes of values; if not, or not as of the current date, a scoring is started. With a candidate that is scored before its promotion,
 * lists always have values.
 */
export class ModelPromotion {
  constructor(
    private readonly models: ModelsService,
    private readonly runStarts: RunStartsService,
  ) {}

  /** @throws ClvError NOT_FOUND, MODEL_NOT_READY */
  async promote(id: string, requestedById: string): Promise<ModelVersion> {
    const model = await this.models.promote(id, { within: this.noting(requestedById) });
    return this.followed(model, requestedById);
  }

  /** @throws ClvError MODEL_NOT_READY where no model was active before */
  async rollback(requestedById: string): Promise<ModelVersion> {
    return this.followed(await this.models.rollback(this.noting(requestedById)), requestedById);
  }

  private noting(requestedById: string): InPromotion {
    return async (manager, { scoredAsOf }) => scoredAsOf && this.runStarts.noting(requestedById, manager);
  }

  private async followed(model: ModelVersion, requestedById: string): Promise<ModelVersion> {
    try {
      await this.runStarts.scoringForPresent(model, requestedById);
    } catch (error) {
      // The promotion stands. Whoever starts a scoring will be told why it cannot be done.
      if (!(error instanceof ClvError)) throw error;
    }
    return model;
  }
}
