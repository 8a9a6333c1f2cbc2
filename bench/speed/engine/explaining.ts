import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../../../src/ml/engine/engine.js';
import { IntegratedGradients } from '../../../src/ml/explain/integrated-gradients.js';
import { writeSafetensors } from '../../../src/ml/model/safetensors.js';
import { batchTensors } from '../../../src/ml/scoring/batches.js';
import { type Example, toExample } from '../../../src/ml/scoring/example.js';
import { padTokens } from '../../../src/ml/text/tokenizer-batch.js';
import { customers, numericFeatures } from './customers.js';
import type { Peer } from './peer.js';
import { type Clock, type Compared, compare, type Seconds, timed } from './rounds.js';
import { specOf, type Subject, workFolder } from './subject.js';

/** A page of customers. */
const explained = 50;

export interface ExplainingResult extends Compared {
  readonly customers: number;
  readonly steps: number;
}

/** Customers a second that are explained with the same number of quadrature steps on both sides. */
export async function measureExplaining(
  engine: Engine,
  peer: Peer,
  subject: Subject,
  { length, steps }: { length: number; steps: number },
  { rounds, clock }: { rounds: number; clock: Clock },
): Promise<ExplainingResult> {
  const { special } = subject.tokenizer;
  const rows = customers(explained, 3, [14, 20]).map((row) =>
    toExample(row, subject.tokenizer, { maxTokens: length, valueScale: 1 }),
  );
  const baseline = { baselineNumeric: new Float32Array(numericFeatures.length), baselinePrior: [0, 0] as const };
  const requests = rows.map((example) => ({ example, ...baseline }));
  const file = join(workFolder, `explain-${length}.safetensors`);
  await writeFile(file, writeSafetensors(tensorsOf(rows, length, special)));
  const attributor = new IntegratedGradients(
    engine,
    { spec: specOf(subject, 'FULL'), weights: subject.weights },
    special,
  );
  await peer.ask({ do: 'load', id: 'explaining', task: 'explaining', subject: subject.told });
  try {
    const compared = await compare(
      async () => explained / (await timed(() => attributor.attributeWith(requests, steps))).seconds[clock],
      async () => {
        const { seconds } = await peer.ask<{ seconds: Seconds }>({
          do: 'explain',
          id: 'explaining',
          batch: file,
          steps,
        });
        return explained / seconds[clock];
      },
      { rounds, clock, pids: [peer.pid] },
    );
    return { ...compared, customers: explained, steps };
  } finally {
    await attributor.dispose();
    await peer.ask({ do: 'unload', id: 'explaining' });
  }
}

function tensorsOf(rows: readonly Example[], length: number, special: { readonly pad: number; readonly mask: number }) {
  const layout = { batch: rows.length, length, pad: special.pad, features: numericFeatures.length };
  const { tokenIds, tokenMask, numeric, prior } = batchTensors(rows, layout);
  const masked = rows.map(({ tokenIds, tokenGroups }) =>
    tokenIds.map((id, position) => (tokenGroups[position] === 0 ? id : special.mask)),
  );
  return {
    tokenIds: tokenIds!,
    tokenMask: tokenMask!,
    numeric: numeric!,
    prior: prior!,
    baselineTokenIds: padTokens(masked, layout).tokenIds,
    baselineNumeric: { ...numeric!, data: new Float32Array(numeric!.data.length) },
    baselinePrior: { ...prior!, data: new Float32Array(prior!.data.length) },
  };
}
