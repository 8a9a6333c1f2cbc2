import { describe, expect, it } from 'vitest';
import { fitOrderValues } from '../../../../src/ml/features/prior/order-values/fit-order-values.js';
import { gammaGammaOrderValue } from '../../../../src/ml/features/prior/order-values/gamma-gamma.js';
import { toPurchaseRows } from '../../../../src/ml/features/prior/purchases/purchase-rows.js';
import { bestLogLikelihood, fitPurchases } from '../../../../src/ml/features/prior/purchases/fit-purchases.js';
import { predictPrior, predictPriorBatch } from '../../../../src/ml/features/prior/predict-prior.js';
import { evaluatePredictions } from '../../../../src/ml/training/metrics/model-metrics.js';
import { HOLDOUT_DAYS, hasCdnow, readCdnowMaster, readCdnowSample, withoutFirstValues } from './cdnow.js';
import { fitted } from './shops.js';

const asOf = new Date('2011-06-01');

// Figures: Fader, Hardie & Lee 2005 and lifetimes' quick start for the sample's parameters; the rest were computed
// independently of this code from the same files.
describe.skipIf(!hasCdnow)('the prior on CDNOW, 39 weeks to fit and 39 to predict', () => {
  it('finds the published parameters of the 1/10 sample', () => {
    const customers = withoutFirstValues(readCdnowSample().customers);
    const fit = fitted(customers);
    expect(fit).toMatchObject({ converged: true, warnings: [] });
    expect(customers.frequency).toHaveLength(2357);
    expect(customers.frequency.filter((x) => x > 0)).toHaveLength(946);
    expect(customers.frequency.reduce((sum, x) => sum + x, 0)).toBe(2457);
    const { r, alpha, a, b, p, q, v } = fit.parameters;
    expect(r).toBeCloseTo(0.2426, 4);
    expect(alpha).toBeCloseTo(4.4136, 4);
    expect(a).toBeCloseTo(0.7929, 4);
    expect(b).toBeCloseTo(2.4259, 4);
    expect(bestLogLikelihood(customers)).toBeCloseTo(-9582.4, 1);
    expect(p).toBeCloseTo(6.25, 2);
    expect(q).toBeCloseTo(3.74, 2);
    expect(v).toBeCloseTo(15.44, 2);
  });

  it('finds the parameters of Pareto/NBD that are published for it', () => {
    const rows = toPurchaseRows(readCdnowSample().customers, 7);
    const fit = fitPurchases(rows, true, { leavesAtFirst: false, leavesWithTime: true });
    expect(fit).toMatchObject({ converged: true, regularised: false });
    const { r, alpha, a, b } = fit.parameters;
    expect(r).toBeCloseTo(0.553, 3);
    expect(alpha).toBeCloseTo(10.58, 1);
    expect(a).toBeCloseTo(0.606, 2);
    expect(b).toBeCloseTo(11.66, 1);
    expect(fit.logLikelihood).toBeCloseTo(-9595, 1);
  });

  it('predicts the sample as an independent implementation does', () => {
    const { customers: known, holdoutPurchases, holdoutValue } = readCdnowSample();
    const customers = withoutFirstValues(known);
    const predicted = predictPriorBatch(fitted(customers).parameters, customers, HOLDOUT_DAYS, asOf);
    expect(holdoutPurchases.reduce((sum, count) => sum + count, 0)).toBe(1882);
    const counts = evaluatePredictions({ actual: holdoutPurchases, predicted: predicted.expectedPurchases });
    expect(counts.mae).toBeCloseTo(0.785, 3);
    expect(counts.rmse).toBeCloseTo(1.608, 3);
    expect(counts.bias).toBeCloseTo(-0.121, 3);
    expect(counts.spearman).toBeCloseTo(0.449, 3);
    const spend = evaluatePredictions({ actual: holdoutValue, predicted: predicted.expectedValue });
    expect(spend.mae).toBeCloseTo(30.41, 2);
    expect(spend.rmse).toBeCloseTo(72.3, 2);
    expect(spend.normalizedGini).toBeCloseTo(0.638, 3);
    expect(spend.spearman).toBeCloseTo(0.426, 3);
    // The published protocol's 0.255 breaks ties by the file's order; with equal predictions levelled it is 0.2445.
    expect(spend.decileMape).toBeCloseTo(0.2445, 3);
    expect(spend.topDecileShare).toBeCloseTo(0.502, 3);
  });

  it('fits and predicts the whole cohort as an independent implementation does', () => {
    const { customers: known, holdoutValue } = readCdnowMaster();
    const customers = withoutFirstValues(known);
    const fit = fitted(customers);
    expect(fit).toMatchObject({ converged: true, warnings: [] });
    expect(customers.frequency).toHaveLength(23_570);
    expect(fit.parameters.r).toBeCloseTo(0.2516, 4);
    expect(fit.parameters.alpha).toBeCloseTo(4.7889, 4);
    expect(fit.parameters.a).toBeCloseTo(0.7234, 4);
    expect(fit.parameters.b).toBeCloseTo(2.1611, 4);
    expect(bestLogLikelihood(customers)).toBeCloseTo(-95_368.4, 1);
    const { expectedValue, purchaseProbability } = predictPriorBatch(fit.parameters, customers, HOLDOUT_DAYS, asOf);
    const metrics = evaluatePredictions({ actual: holdoutValue, predicted: expectedValue, purchaseProbability });
    expect(metrics.mae).toBeCloseTo(32.68, 2);
    expect(metrics.rmse).toBeCloseTo(92.94, 2);
    expect(metrics.normalizedGini).toBeCloseTo(0.672, 3);
    expect(metrics.spearman).toBeCloseTo(0.421, 3);
    expect(metrics.decileMape).toBeCloseTo(0.213, 3);
    expect(metrics.bias).toBeCloseTo(-0.173, 3);
    expect(metrics.topDecileShare).toBeCloseTo(0.516, 3);
  });

  it('learns from the calibration weeks alone that first purchases tell the value of later ones', () => {
    const { customers } = readCdnowSample();
    const [published, fit] = [fitted(withoutFirstValues(customers)), fitted(customers)];
    expect(published.parameters.firstWeight).toBe(0);
    expect(fit).toMatchObject({ converged: true, warnings: [] });
    expect(fit.parameters.firstWeight).toBeGreaterThan(0.1);
    expect(fit.parameters.r).toBe(published.parameters.r);
    const [without, told] = [withoutFirstValues(customers), customers].map(
      (columns) => fitOrderValues(columns, { enough: true }).logLikelihood,
    );
    expect(told! - without!).toBeGreaterThan(50);
  });

  it('gives the expectations that lifetimes documents for the sample', () => {
    const prior = fitted(withoutFirstValues(readCdnowSample().customers)).parameters;
    const days = (frequency: number, recencyWeeks: number, ageWeeks: number, monetary = 30) => ({
      frequency,
      recency: Math.round(recencyWeeks * 7),
      age: Math.round(ageWeeks * 7),
      monetary,
      firstValue: 0,
    });
    const nextWeek = (customer: ReturnType<typeof days>) => predictPrior(prior, customer, 7, asOf).expectedPurchases;
    expect(nextWeek(days(18, 35.14, 35.86))).toBeCloseTo(0.424877, 3);
    expect(nextWeek(days(19, 34, 34.14))).toBeCloseTo(0.474738, 3);
    expect(nextWeek(days(17, 28.43, 28.86))).toBeCloseTo(0.486526, 3);
    expect(nextWeek(days(29, 37.71, 38))).toBeCloseTo(0.662396, 3);
    expect(nextWeek(days(26, 30.86, 31))).toBeCloseTo(0.710623, 3);

    const orderValue = (x: number, monetary: number) => gammaGammaOrderValue(prior, x, monetary, 0);
    expect(orderValue(2, 22.35)).toBeCloseTo(24.6586, 2);
    expect(orderValue(1, 11.77)).toBeCloseTo(18.9115, 2);
    expect(orderValue(0, 0)).toBeCloseTo(35.171, 2);
    expect(orderValue(7, 73.74)).toBeCloseTo(71.4628, 2);
    expect(orderValue(2, 25.55)).toBeCloseTo(27.2824, 2);
  });
});
