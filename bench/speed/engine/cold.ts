import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createEngine } from '../../../src/ml/engine/create-engine.js';
import { parseSafetensors } from '../../../src/ml/model/safetensors.js';
import type { EncoderSpec } from '../../../src/ml/model/spec.js';
import type { HostWeights } from '../../../src/ml/model/weights.js';
import { Predictor } from '../../../src/ml/scoring/predictor.js';
import { loadTokenizer } from '../../../src/ml/text/load-tokenizer.js';
import { numericFeatures } from './customers.js';

/** A process of its own: from nothing to the first prediction. Prints it as JSON. */
interface Told {
  readonly encoder: EncoderSpec;
  readonly weights: string;
  readonly tokenizer: string;
  readonly texts: string;
  readonly rows: string;
  readonly length: number;
}

const told = JSON.parse(process.argv[2] ?? '{}') as Told;
const engine = await createEngine({ engine: 'onnx', device: 'cpu', threads: 2 });
const tokenizer = await loadTokenizer(dirname(told.tokenizer));
const stored = parseSafetensors(await readFile(told.weights), told.weights);
const weights: HostWeights = Object.fromEntries(stored.names.map((name) => [name, stored.tensor(name)]));
const spec = { encoder: told.encoder, numericFeatures, objective: 'ZILN', strategy: 'FULL', loraRank: 8 } as const;
const predictor = new Predictor(engine, { spec, weights }, told.encoder.padTokenId);

const [text = ''] = JSON.parse(await readFile(told.texts, 'utf8')) as string[];
const rows = parseSafetensors(await readFile(told.rows), told.rows);
const { ids } = tokenizer.encodeSpans([{ group: 'recency', text }], told.length);
const [prediction] = await predictor.predict([
  {
    tokenIds: ids,
    tokenGroups: new Uint8Array(ids.length),
    numeric: rows.tensor('numeric').data.slice(0, numericFeatures.length) as Float32Array,
    prior: [rows.tensor('prior').data[0]!, rows.tensor('prior').data[1]!],
  },
]);
console.log(JSON.stringify({ value: prediction?.expectedValue }));
