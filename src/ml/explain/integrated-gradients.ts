import type { Engine, EngineTensors, HostTensor } from '../engine/engine.js';
import { numbersAttributionProgram } from '../model/number-programs.js';
import { attributionProgram } from '../model/programs.js';
import { asServed } from '../model/served-model.js';
import type { ModelSpec } from '../model/spec.js';
import type { HostWeights } from '../model/weights.js';
import { padTokens } from '../text/tokenizer-batch.js';
import { batchTensors, columnTensor, lengthBucket, numberTensors } from '../scoring/batches.js';
import type { Example } from '../scoring/example.js';
import { ProgramCache } from '../scoring/program-cache.js';
import { disposeAll, uploadAll, withUploaded } from '../scoring/resident-weights.js';
import { gaussLegendre } from './gauss-legendre.js';

/** Attributions of one customer, in units of the value scale. */
export interface Attribution {
  /** Served quantity of the baseline and of the customer. */
  readonly baselineValue: number;
  readonly value: number;
  /** One a token of `Example.tokenIds`; all 0 in a model whose words change nothing. */
  readonly tokens: Float64Array;
  /** One a numeric token. */
  readonly features: Float64Array;
  /** Of the prior's logit and of its log value. */
  readonly prior: readonly [logit: number, logValue: number];
  /** |sum of attributions - (value - baselineValue)| / |value - baselineValue|. */
  readonly completenessError: number;
  readonly steps: number;
}

/** A customer and what it is compared with. */
export interface AttributionRequest {
  readonly example: Example;
  /** Same shapes as the example's. Its words are the mask token's, special tokens excepted. */
  readonly baselineNumeric: Float32Array;
  readonly baselinePrior: readonly [logit: number, logValue: number];
}

const batchSize = 64;
const firstSteps = 8;
const lastSteps = 300;
const tolerance = 0.01;
/** Differences smaller than this share of the value are as good as none: their relative error says nothing. */
const negligible = 1e-3;

/**
 * Integrated gradients (Sundararajan, Taly & Yan 2017, section 3) of the expected value, along the straight line from
 * a baseline to each customer, over word embeddings, numeric tokens and the prior's two outputs. Gauss-Legendre
 * quadrature; the steps of a customer are doubled until its completeness error is below 1 %, or are 300.
 */
export class IntegratedGradients {
  private readonly spec: ModelSpec;
  private readonly readsWords: boolean;
  private readonly weights: EngineTensors;
  private readonly programs: ProgramCache;

  constructor(
    private readonly engine: Engine,
    model: { readonly spec: ModelSpec; readonly weights: HostWeights },
    private readonly special: { readonly pad: number; readonly mask: number },
  ) {
    const { spec, weights, readsWords } = asServed(model);
    this.spec = spec;
    this.readsWords = readsWords;
    this.weights = uploadAll(engine, weights);
    this.programs = new ProgramCache(engine, (shape) =>
      readsWords ? attributionProgram(spec, shape) : numbersAttributionProgram(spec, shape.batch),
    );
  }

  /** Attributions in the order of the requests. */
  async attribute(requests: readonly AttributionRequest[], signal?: AbortSignal): Promise<Attribution[]> {
    const results: Attribution[] = [];
    let open = requests.map((_, index) => index);
    for (let steps = firstSteps; open.length > 0; steps = Math.min(steps * 2, lastSteps)) {
      const attributions = await this.attributeWith(
        open.map((index) => requests[index]!),
        steps,
        signal,
      );
      for (const [i, index] of open.entries()) results[index] = attributions[i]!;
      if (steps === lastSteps) break;
      open = open.filter((index) => results[index]!.completenessError > tolerance);
    }
    return results;
  }

  /** Attributions with that many steps, whatever error they leave. */
  async attributeWith(
    requests: readonly AttributionRequest[],
    steps: number,
    signal?: AbortSignal,
  ): Promise<Attribution[]> {
    const { nodes, weights } = gaussLegendre(steps);
    // The two ends carry no weight; they give the baseline's and the customer's value.
    const points = [0, ...nodes, 1].map((alpha, i) => ({ alpha, weight: weights[i - 1] ?? 0 }));
    const sums = requests.map(({ example }) => newSum(example));
    const jobs = requests.flatMap((_, request) => points.map((point) => ({ request, ...point })));
    jobs.sort((a, b) => requests[a.request]!.example.tokenIds.length - requests[b.request]!.example.tokenIds.length);
    for (let start = 0; start < jobs.length; start += batchSize) {
      signal?.throwIfAborted();
      await this.runBatch(requests, jobs.slice(start, start + batchSize), sums);
    }
    return sums.map((sum) => toAttribution(sum, steps));
  }

  async dispose(): Promise<void> {
    await this.programs.dispose();
    disposeAll(this.weights);
  }

  private async runBatch(
    requests: readonly AttributionRequest[],
    jobs: readonly { request: number; alpha: number; weight: number }[],
    sums: readonly Sum[],
  ): Promise<void> {
    const rows = jobs.map(({ request }) => requests[request]!);
    const length = this.readsWords ? lengthBucket(Math.max(...rows.map(({ example }) => example.tokenIds.length))) : 0;
    const features = this.spec.numericFeatures.length;
    const program = await this.programs.get({ batch: batchSize, length });
    const inputs = this.inputsOf(
      rows,
      jobs.map(({ alpha }) => alpha),
      length,
      features,
    );
    await withUploaded(this.engine, inputs, async (uploaded) => {
      const outputs = await program.run({ ...this.weights, ...uploaded });
      try {
        const read = (name: string) => this.engine.read(outputs[name]!);
        const [value, numeric, prior] = await Promise.all(['value', 'features', 'prior'].map(read));
        const tokens = this.readsWords ? await read('tokens') : null;
        for (const [row, { request, alpha, weight }] of jobs.entries()) {
          const sum = sums[request]!;
          if (alpha === 0) sum.baselineValue = value![row]!;
          if (alpha === 1) sum.value = value![row]!;
          if (tokens) accumulate(sum.tokens, tokens, row * length, weight);
          accumulate(sum.features, numeric!, row * features, weight);
          accumulate(sum.prior, prior!, row * 2, weight);
        }
      } finally {
        disposeAll(outputs);
      }
    });
  }

  private inputsOf(
    rows: readonly AttributionRequest[],
    alphas: readonly number[],
    length: number,
    features: number,
  ): Record<string, HostTensor> {
    const layout = { batch: batchSize, length, pad: this.special.pad, features };
    const customers = rows.map(({ example }) => example);
    const baseline = numberTensors(
      rows.map(({ baselineNumeric, baselinePrior }) => ({ numeric: baselineNumeric, prior: baselinePrior })),
      layout,
    );
    const numbers = {
      baselineNumeric: baseline['numeric']!,
      baselinePrior: baseline['prior']!,
      alpha: columnTensor(alphas, batchSize),
    };
    if (!this.readsWords) return { ...numberTensors(customers, layout), ...numbers };
    const masked = customers.map((example) => this.masked(example));
    return { ...batchTensors(customers, layout), baselineTokenIds: padTokens(masked, layout).tokenIds, ...numbers };
  }

  private masked({ tokenIds, tokenGroups }: Example): Int32Array {
    return tokenIds.map((id, position) => (tokenGroups[position] === 0 ? id : this.special.mask));
  }
}

interface Sum {
  baselineValue: number;
  value: number;
  readonly tokens: Float64Array;
  readonly features: Float64Array;
  readonly prior: Float64Array;
}

function newSum({ tokenIds, numeric }: Example): Sum {
  return {
    baselineValue: 0,
    value: 0,
    tokens: new Float64Array(tokenIds.length),
    features: new Float64Array(numeric.length),
    prior: new Float64Array(2),
  };
}

function accumulate(sum: Float64Array, values: ArrayLike<number>, offset: number, weight: number): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += weight * values[offset + i]!;
}

function toAttribution({ baselineValue, value, tokens, features, prior }: Sum, steps: number): Attribution {
  const total = [tokens, features, prior].flatMap((part) => [...part]).reduce((sum, next) => sum + next, 0);
  const difference = value - baselineValue;
  const scale = Math.max(Math.abs(difference), negligible * Math.abs(value), 1e-9);
  return {
    baselineValue,
    value,
    tokens,
    features,
    prior: [prior[0]!, prior[1]!],
    completenessError: Math.abs(total - difference) / scale,
    steps,
  };
}
