import { createEngine } from '../../../src/ml/engine/create-engine.js';
import { makeSubject, type Size, trainingBatches } from './subject.js';
import { TrainingLoop } from './training.js';

/** A process of its own: some steps of a full fine-tune. Prints its largest resident set as JSON. */
const { size, length, steps } = JSON.parse(process.argv[2] ?? '{}') as { size: Size; length: number; steps: number };
const engine = await createEngine({ engine: 'onnx', device: 'cpu', threads: 2 });
const subject = await makeSubject(size);
const { batches } = await trainingBatches(subject, length, 4);
const loop = TrainingLoop.create(engine, subject, 'FULL', batches);
await loop.run(steps);
// In kilobytes on every platform of Node.
console.log(JSON.stringify({ bytes: process.resourceUsage().maxRSS * 1_024 }));
await loop.dispose();
await engine.dispose();
