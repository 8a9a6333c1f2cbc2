import { createEngine } from '../../../src/ml/engine/create-engine.js';
import { makeSubject, type Size, trainingBatches } from './subject.js';
import { TrainingLoop } from './training.js';

/** A process of its own: some steps of a full fine-tune. Prints its largest resident set as JSON. */
const { size, length, steps } = JSON.parse(process.argv[2] ?? '{}') as { size: Size; length: number; steps: number };
const engine = await createEngine({ engine: 'onnx', device: 'cpu', threads: 2 });
const loop = await loopOf();
await loop.run(steps);
// In kilobytes on every platform of Node.
console.log(JSON.stringify({ bytes: process.resourceUsage().maxRSS * 1_024 }));
await loop.dispose();
await engine.dispose();

/** Of what the loop is made of nothing is held on to, as in the peer. */
async function loopOf(): Promise<TrainingLoop> {
  const subject = await makeSubject(size);
  const { batches } = await trainingBatches(subject, length, 4);
  return TrainingLoop.create(engine, subject, 'FULL', batches);
}
