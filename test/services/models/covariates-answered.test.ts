import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ExplanationContent } from '../../../src/ml/explain/explanation.js';
import { ExplanationsService } from '../../../src/services/explanations/explanations.service.js';
import { LocalInference } from '../../../src/services/inference/local-inference.js';
import { scoredHorizonDays } from '../../support/scored-shop.js';
import { config, useReadingModel } from './reading-model.js';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 400_000 });

const told = (value: string) => `attributes || '{"channel": ${value}}'::jsonb`;
const none = `attributes - 'channel'`;

describe('what a model that reads attributes answers', () => {
  const shop = useReadingModel();

  /** Of the customer when the attribute's SQL expression is what it has. */
  async function explained(
    id: string,
    attributes: string,
    { horizonDays = scoredHorizonDays, inference = shop.inference } = {},
  ): Promise<ExplanationContent> {
    await shop.change(attributes, [id]);
    const served = await shop.predict([id], horizonDays, inference);
    const [content] = await new ExplanationsService(shop.database.dataSource, inference).explainServed(served, true);
    return content!;
  }

  const amountOf = ({ contributions }: ExplanationContent): number =>
    contributions.find(({ group }) => group === 'covariates')?.amount ?? 0;
  const totalOf = ({ baseline, contributions, residual }: ExplanationContent): number =>
    contributions.reduce((sum, { amount }) => sum + amount, baseline + residual);

  it.each([30, scoredHorizonDays, 3 * scoredHorizonDays])(
    'over %i days adds up, whatever the attribute is or is not',
    async (horizonDays) => {
      const [id] = await shop.anyone();
      for (const attributes of [told('"email"'), told('"shop"'), told('"television"'), told('[1]'), none]) {
        const content = await explained(id!, attributes, { horizonDays });
        expect(totalOf(content)).toBeCloseTo(content.predicted, 2);
        expect(Math.abs(content.residual)).toBeLessThan(0.01 * content.predicted + 0.05);
      }
    },
  );

  it('is what it was once a value is back', async () => {
    const [id] = await shop.anyone();
    const before = await explained(id!, told('"email"'));
    expect((await explained(id!, none)).predicted).not.toBe(before.predicted);
    expect(await explained(id!, told('"email"'))).toEqual(before);
  });

  describe('by its prior alone', () => {
    let inference: LocalInference;
    beforeAll(async () => {
      const { dataSource } = shop.database;
      await dataSource.query(
        `update model_version set serving = serving || '{"priorOnly": "TRAINING_DID_NOT_HELP"}' where state = 'ACTIVE'`,
      );
      inference = new LocalInference(dataSource, config);
    });
    afterAll(() => inference.close());

    it('takes a value that is new since the training, or is none, for no value', async () => {
      const [id] = await shop.anyone();
      const without = await explained(id!, none, { inference });
      expect(amountOf(without)).toBe(0);
      for (const value of ['"television"', '[1]', 'null', '" "']) {
        const { predicted, baseline, contributions } = await explained(id!, told(value), { inference });
        expect({ predicted, baseline, contributions }).toMatchObject({
          predicted: without.predicted,
          baseline: without.baseline,
          contributions: without.contributions,
        });
      }
    });

    it('says in money what a value changes', async () => {
      const [id] = await shop.anyone();
      const without = await explained(id!, none, { inference });
      const own = await explained(id!, told('"email"'), { inference });
      expect(amountOf(own)).not.toBe(0);
      expect(amountOf(own)).toBeCloseTo(own.predicted - without.predicted, 1);
      expect(totalOf(own)).toBeCloseTo(own.predicted, 2);
      expect(Math.abs(own.residual)).toBeLessThan(0.05);
    });
  });
});
