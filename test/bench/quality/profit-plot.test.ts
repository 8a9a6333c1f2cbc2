import { describe, expect, it } from 'vitest';
import { profitPlot } from '../../../bench/quality/profit-plot.js';

describe('profitPlot', () => {
  const svg = profitPlot({
    title: 'A & B <test>',
    currency: 'GBP',
    curves: [
      { name: 'ours', profit: [0, 80, 100, 40, 0], bestDepth: 2 },
      { name: 'random', profit: [0, 0, 0, 0, 0], bestDepth: 0 },
    ],
  });

  it('puts shares across and profit up', () => {
    // 658 wide from 78 on; 342 high from 46 on; 100 is the top of the scale, 0 its bottom.
    expect(svg).toContain('<polyline points="78,388 242.5,114.4 407,46 571.5,251.2 736,388"');
    expect(svg).toContain('<polyline points="78,388 242.5,388 407,388 571.5,388 736,388"');
    expect(svg).toContain('<circle cx="407" cy="46"');
  });

  it('labels what it shows, with nothing that is markup', () => {
    expect(svg).toContain('<title>A &amp; B &lt;test&gt;</title>');
    for (const text of ['ours', 'random', '100 %', 'profit, GBP', '>80<']) expect(svg).toContain(text);
  });

  it('draws a hundred steps of many customers, and losses below zero', () => {
    const profit = Float64Array.from({ length: 5_001 }, (_, k) => -k);
    const long = profitPlot({ title: 't', currency: 'USD', curves: [{ name: 'worst', profit, bestDepth: 0 }] });
    expect(long.match(/points="([^"]*)"/)?.[1]?.split(' ')).toHaveLength(101);
    expect(long).toContain('>-5,000<');
    expect(long).not.toContain('NaN');
  });

  it('copes with a curve of nobody', () => {
    const none = profitPlot({ title: 't', currency: 'USD', curves: [{ name: 'none', profit: [0], bestDepth: 0 }] });
    expect(none).not.toContain('NaN');
  });
});
