import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { Config } from '../../../src/config.js';
import { partOf, type ProgressReporter } from '../../../src/progress.js';
import { runFineTuning } from '../../../src/services/fine-tuning/fine-tuning.service.js';
import { ModelLoader } from '../../../src/services/models/loaded-model.js';
import { runPreprocessing } from '../../../src/services/preprocessing/preprocessing.service.js';
import type { BenchServer } from '../../bench-server.js';
import { importInto } from '../folds.js';
import type { Protocol } from '../protocols.js';

interface TrainingOptions {
  readonly dataFolder: string;
  /** Train anew although a model is kept. */
  readonly fresh: boolean;
  readonly config: Config;
  readonly progress: ProgressReporter;
}

/** The protocol's database, with a model that was trained by the product's defaults; kept between runs. */
export async function databaseWithModel(
  server: BenchServer,
  protocol: Protocol,
  { dataFolder, fresh, config, progress }: TrainingOptions,
): Promise<DataSource> {
  const name = `explanations_${protocol.id.toLowerCase()}`;
  if (fresh || !(await server.has(name))) {
    await server.make(name, null, async (database) => {
      await importInto(database, protocol.data, dataFolder, partOf(progress, 0, 0.1));
      await train(database, protocol, config, partOf(progress, 0.1, 1));
    });
  }
  return server.connect(name);
}

async function train(
  database: DataSource,
  { asOf, horizonDays }: Protocol,
  config: Config,
  progress: ProgressReporter,
): Promise<void> {
  const models = new ModelLoader(database, config);
  try {
    const { snapshotId } = await runPreprocessing(
      database,
      { asOf, horizonDays },
      { progress: partOf(progress, 0, 0.2) },
    );
    const context = {
      config,
      progress: partOf(progress, 0.2, 1),
      signal: new AbortController().signal,
      runId: randomUUID(),
    };
    await runFineTuning(database, models, { snapshotId }, context);
  } finally {
    await models.close();
  }
}
