import { describe, expect, it } from 'vitest';
import { businessSection, neutralTerms } from '../../../bench/quality/business-section.js';

/** Of ten customers, two spend a thousand each: the average is 200, of which a contact brings 6. */
const actual = [1_000, 0, 0, 1_000, 0, 0, 0, 0, 0, 0];
const protocol = {
  title: 'P0: by hand',
  currency: 'GBP',
  actual,
  plotPath: 'profit-P0.svg',
  rankings: [
    // Foresees one, and thinks a contact pays for three: 200 is where it breaks even.
    { name: 'clvgraph', scores: [900, 500, 10, 400, 100, 50, 40, 30, 20, 10], isForecast: true },
    { name: 'RFM', scores: [9, 15, 14, 3, 8, 7, 6, 5, 4, 3], isForecast: false },
  ],
};

describe('neutralTerms', () => {
  it('make everybody together worth nothing', () => {
    expect(neutralTerms(actual)).toEqual({ margin: 0.3, uplift: 0.1, contactCost: 6 });
  });
});

describe('businessSection', () => {
  const rowsOf = (markdown: string, name: string) =>
    markdown
      .split('\n')
      .filter((line) => line.startsWith(`| ${name} |`))
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );

  it('says in money what each ranking would have earned', async () => {
    const { markdown } = await businessSection(protocol);
    // A spender earns 30 - 6 = 24, anybody else -6. Perfect: 48. Ours: 24, 18, 42, 36, ... RFM: -6, -12, 12, 6, ...,
    // with the second spender among the last two, who are alike.
    expect(rowsOf(markdown, 'clvgraph')[0]!.slice(0, 8)).toEqual([
      'clvgraph',
      '42',
      '30.0 %',
      '87.5 %',
      '24',
      '18',
      '42',
      '30',
    ]);
    expect(rowsOf(markdown, 'RFM')[0]!.slice(0, 8)).toEqual(['RFM', '12', '30.0 %', '25.0 %', '-6', '-12', '12', '0']);
    expect(rowsOf(markdown, 'RFM')[0]![9]).toMatch(/^\+30 \(.* to .*\)$/);
    expect(rowsOf(markdown, 'random order')[0]!.slice(0, 9)).toEqual([
      'random order',
      '0',
      '',
      '0.0 %',
      '0',
      '0',
      '0',
      '0',
      '0.000',
    ]);
    expect(markdown).toContain('costs 6.00 GBP');
    expect(markdown).toContain('**42 GBP** with its best 30.0 % of 10 customers, 87.5 %');
    expect(markdown).toContain('![P0: by hand: profit by depth](profit-P0.svg)');
  });

  it('lets forecasts decide by themselves, and only them', async () => {
    const { markdown } = await businessSection(protocol);
    const [, decided, costs] = rowsOf(markdown, 'clvgraph');
    // It contacts the three of 900, 500 and 400: 24 - 6 + 24.
    expect(decided).toEqual(['clvgraph', '30.0 %', '42', '100.0 %']);
    expect(rowsOf(markdown, 'RFM')).toHaveLength(2);
    // At 3 a contact: 27 - 3 + 27 = 51 of 54. At 12: 18 - 12 + 18 = 24 of 36.
    expect(costs).toEqual(['clvgraph', '94.4 %', '87.5 %', '66.7 %']);
  });

  it('draws every curve', async () => {
    const { svg } = await businessSection(protocol);
    expect(svg.match(/<polyline/g)).toHaveLength(3);
    for (const name of ['clvgraph', 'RFM', 'random order']) expect(svg).toContain(name);
  });

  it('is the same each time', async () => {
    expect(await businessSection(protocol)).toEqual(await businessSection(protocol));
  });
});
