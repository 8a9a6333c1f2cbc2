import { describe, expect, it } from 'vitest';
import { covariateSpan } from '../../../src/ml/text/covariate-span.js';

describe('a covariate', () => {
  it.each([
    ['channel', 'E-Mail', 'channel e-mail.'],
    ['Loyalty  Plan', 'Premium Plus for the whole family', 'loyalty plan premium plus for the.'],
    ['rating', 'A+', 'rating a+.'],
    ['campaign', 'x'.repeat(40), `campaign ${'x'.repeat(30)}.`],
    ['subscribed', true, 'subscribed yes.'],
    ['subscribed', false, 'subscribed no.'],
    ['employees', 1_234, 'employees 1200.'],
    ['discount', 0.1523, 'discount 0.15.'],
    ['stores', 0, 'stores 0.'],
  ])('%s is told in few words', (attribute, value, text) => {
    expect(covariateSpan({ attribute, value })).toEqual({ group: 'covariates', text, attribute });
  });

  it.each([null, '', '  ', ['a'], { a: 1 }])('%j says nothing', (value) => {
    expect(covariateSpan({ attribute: 'channel', value })).toBeNull();
  });
});
