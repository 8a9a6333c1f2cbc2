import type { ModelVersion } from '../../entities/index.js';
import { ClvError } from '../../errors.js';
import type { InPromotion, ModelsService } from './models.service.js';
import type { RunStartsService } from '../runs/run-starts.service.js';

/**
 * Changes which model serves, on request. Lists and segments read what the active model predicted for all customers: where
 * it has done so, a run notes whose value they tell differently now, and where it has not, or not for the present, it gets
 * a scoring run. Scoring a candidate before its promotion leaves no gap.
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
      // The model serves all the same: why nothing can be scored is for whoever starts a scoring to hear of.
      if (!(error instanceof ClvError)) throw error;
    }
    return model;
  }
}
