import 'reflect-metadata';
import { loadConfig } from '../../config.js';
import { databaseFailure } from '../../database/database-failure.js';
import { openDatabase } from '../../database/open-database.js';
import { reasonOf } from '../../errors.js';
import { goOnWithoutOutputs } from '../../outputs.js';
import { lowerPriority, niceness } from '../../priority.js';
import { giveSignsOfLife } from '../../signs-of-life.js';
import type { Inference } from './inference.js';
import { LocalInference } from './local-inference.js';
import { failureOf, type InferenceReply, type InferenceRequest } from './protocol.js';

/** Models are read by one statement at a time. */
const databasePoolSize = 2;
const stopLimitMs = 3_000;

// The process that InferenceProcess forks. It lives until the channel closes, and ignores signals to the whole process group.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
giveSignsOfLife();
goOnWithoutOutputs();
try {
  lowerPriority(niceness.inference);
  const config = { ...loadConfig().config, databasePoolSize };
  const database = await openDatabase(config);
  const inference = new LocalInference(database.dataSource, config);
  process.on('message', (request: InferenceRequest) => void answer(inference, request));
  process.once('disconnect', async () => {
    setTimeout(() => process.exit(1), stopLimitMs).unref();
    try {
      await inference.close();
    } finally {
      await database.close();
    }
    process.exit(0);
  });
  if (!process.connected) process.exit(0);
} catch (error) {
  console.error('inference:', reasonOf(databaseFailure(error) ?? error));
  process.exit(1);
}

async function answer(inference: Inference, request: InferenceRequest): Promise<void> {
  const { id } = request;
  let reply: InferenceReply;
  try {
    reply = { id, value: await run(inference, request) };
  } catch (error) {
    reply = { id, failure: failureOf(error) };
  }
  // The process that asked may be gone.
  process.send?.(reply, () => undefined);
}

function run(inference: Inference, { operation, args }: InferenceRequest): Promise<unknown> {
  switch (operation) {
    case 'score':
      return inference.score(...(args as Parameters<Inference['score']>));
    case 'explain':
      return inference.explain(...(args as Parameters<Inference['explain']>));
    case 'engine':
      return inference.engine();
  }
}
