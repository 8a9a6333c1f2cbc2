import { gaussLegendre } from '../../gauss-legendre.js';
import type { Engine, HostTensor } from '../engine/engine.js';
import { numbersAttributionProgram } from '../model/number-programs.js';
import { attributionProgram } from '../model/programs.js';
import type { HostModel } from '../model/weights.js';
import { padTokens } from '../text/tokenizer-batch.js';
import { type BatchLayout, batchTensors, columnTensor, lengthBucket, numberTensors } from '../scoring/batches.js';
import type { Example } from '../scoring/example.js';
import { Predictor } from '../scoring/predictor.js';
import { ProgramCache } from '../scoring/program-cache.js';
import { withOutputs } from '../scoring/resident-weights.js';
import { movedByWords } from '../scoring/word-effects.js';
import {
  accumulate,
  type Attribution,
  type AttributionRequest,
  newSum,
  type Path,
  type PathSum,
  toAttribution,
} from './attribution.js';

const firstSteps = 8;
const lastSteps = 300;
const tolerance = 0.01;

/**
 * Integrated gradients (Sundararajan, Taly & Yan 2017, section 3) of the expected value, along the straight line from a baseline to each
 * customer, over word embeddings, numeric tokens and the prior's two outputs. Words that move the prior get their part of the prior's
 * attribution. Gauss-Legendre quadrature; a customer's steps are doubled until the completeness error is below 1 %, up to 300.
 */
export class IntegratedGradients {
  /** Predicts the two ends of a path, which need no gradient. Its weights serve the gradients, too. */
  private readonly predictor: Predictor;
  private readonly programs: ProgramCache;

  constructor(
    private readonly engine: Engine,
    model: HostModel,
    private readonly special: { readonly pad: number; readonly mask: number },
  ) {
    this.predictor = new Predictor(engine, model, special.pad);
    const { spec, encodes } = this.predictor;
    this.programs = new ProgramCache(engine, (shape) =>
      encodes ? attributionProgram(spec, shape) : numbersAttributionProgram(spec, shape.batch),
    );
  }

  /** Attributions in the order of the requests. */
  async attribute(requests: readonly AttributionRequest[]): Promise<Attribution[]> {
    const paths = await this.pathsOf(requests);
    const results: Attribution[] = [];
    let open = paths.map((_, index) => index);
    for (let steps = firstSteps; open.length > 0; steps = Math.min(steps * 2, lastSteps)) {
      const still = open.map((index) => paths[index]!);
      const attributions = await this.integrate(still, steps);
      for (const [i, index] of open.entries()) results[index] = attributions[i]!;
      if (steps === lastSteps) break;
      open = open.filter((index) => results[index]!.completenessError > tolerance);
    }
    return results;
  }

  /** Attributions with that many steps, whatever error they leave. */
  async attributeWith(requests: readonly AttributionRequest[], steps: number): Promise<Attribution[]> {
    return this.integrate(await this.pathsOf(requests), steps);
  }

  async dispose(): Promise<void> {
    await this.programs.dispose();
    await this.predictor.dispose();
  }

  private async pathsOf(requests: readonly AttributionRequest[]): Promise<Path[]> {
    const customers = requests.map(({ example }) => example);
    const baselines = requests.map((request) => this.baselineOf(request));
    const values = await this.predictor.predict([...baselines, ...customers]);
    const moved = (example: Example): Example => movedByWords(example, this.predictor.wordEffects);
    return requests.map((request, i) => ({
      request,
      baseline: moved(baselines[i]!),
      customer: moved(request.example),
      baselineValue: values[i]!.expectedValue,
      value: values[requests.length + i]!.expectedValue,
    }));
  }

  private async integrate(paths: readonly Path[], steps: number): Promise<Attribution[]> {
    const { nodes, weights } = gaussLegendre(steps);
    const sums = paths.map(({ customer }) => newSum(customer));
    const points = paths.flatMap((path, i) =>
      nodes.map((alpha, node) => ({ path, sum: sums[i]!, alpha, weight: weights[node]! })),
    );
    points.sort((a, b) => a.path.customer.tokenIds.length - b.path.customer.tokenIds.length);
    const longest = points.at(-1)?.path.customer.tokenIds.length ?? 0;
    let start = 0;
    for (const size of this.predictor.batchSizesFor(points.length, longest)) {
      await this.runBatch(points.slice(start, (start += size)), size);
    }
    return paths.map((path, i) => toAttribution(path, this.predictor.wordEffects, sums[i]!, steps));
  }

  private async runBatch(points: readonly Point[], batch: number): Promise<void> {
    const { encodes, spec, weights } = this.predictor;
    const longest = Math.max(...points.map(({ path }) => path.customer.tokenIds.length));
    const length = encodes ? lengthBucket(longest) : 0;
    const features = spec.numericFeatures.length;
    const program = await this.programs.get({ batch, length });
    const layout = { batch, length, pad: this.special.pad, features };
    await withOutputs(this.engine, program, weights, this.inputsOf(points, layout), async (outputs) => {
      const read = (name: string) => this.engine.read(outputs[name]!);
      const [numeric, prior] = await Promise.all(['features', 'prior'].map(read));
      const tokens = encodes ? await read('tokens') : null;
      for (const [row, { sum, weight }] of points.entries()) {
        if (tokens) accumulate(sum.tokens, tokens, row * length, weight);
        accumulate(sum.features, numeric!, row * features, weight);
        accumulate(sum.priorGradient, prior!, row * 2, weight);
      }
    });
  }

  private inputsOf(points: readonly Point[], layout: BatchLayout): Record<string, HostTensor> {
    const customers = points.map(({ path }) => path.customer);
    const baselines = points.map(({ path }) => path.baseline);
    const baseline = numberTensors(baselines, layout);
    const numbers = {
      baselineNumeric: baseline['numeric']!,
      baselinePrior: baseline['prior']!,
      alpha: columnTensor(
        points.map(({ alpha }) => alpha),
        layout.batch,
      ),
    };
    if (!this.predictor.encodes) return { ...numberTensors(customers, layout), ...numbers };
    const masked = baselines.map(({ tokenIds }) => tokenIds);
    return { ...batchTensors(customers, layout), baselineTokenIds: padTokens(masked, layout).tokenIds, ...numbers };
  }

  private baselineOf({ example, baselineNumeric, baselinePrior }: AttributionRequest): Example {
    const { tokenIds, tokenGroups } = example;
    const masked = tokenIds.map((id, position) => (tokenGroups[position] === 0 ? id : this.special.mask));
    return { tokenIds: masked, tokenGroups, numeric: baselineNumeric, prior: baselinePrior };
  }
}

/** A point of a path, and the sum that it is added to. */
interface Point {
  readonly path: Path;
  readonly sum: PathSum;
  readonly alpha: number;
  readonly weight: number;
}
