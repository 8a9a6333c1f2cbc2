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
  promote(id: string, requestedById: string): Promise<ModelVersion> {
    return this.models.promote(id, { within: this.following(requestedById) });
  }

  /** @throws ClvError MODEL_NOT_READY where no model was active before */
  rollback(requestedById: string): Promise<ModelVersion> {
    return this.models.rollback(this.following(requestedById));
  }

  /** Starts the runs in the transaction of the promotion: after a failure in between, the model would serve without values in lists. */
  private following(requestedById: string): InPromotion {
    return async (manager, model) => {
      if (model.scoredAsOf) await this.runStarts.noting(requestedById, manager);
      try {
        await this.runStarts.scoringForPresent(model, requestedById, manager);
      } catch (error) {
        // The promotion stands. Whoever starts a scoring will be told why it cannot be done.
        if (!(error instanceof ClvError)) throw error;
      }
    };
  }
}
