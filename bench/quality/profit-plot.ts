import { escaped, rounded } from './svg.js';

/** A curve of profit by depth: `profit[k]` of contacting the k best-ranked, from 0 to everybody. In currency. */
interface PlottedCurve {
  readonly name: string;
  readonly profit: ArrayLike<number>;
  readonly bestDepth: number;
}

interface ProfitPlot {
  readonly title: string;
  /** ISO 4217. */
  readonly currency: string;
  /** The first is drawn on top, and thickest. */
  readonly curves: readonly PlottedCurve[];
}

const size = { width: 760, height: 440 };
const margins = { left: 78, right: 24, top: 46, bottom: 52 };
const plotWidth = size.width - margins.left - margins.right;
const plotHeight = size.height - margins.top - margins.bottom;
/** Okabe and Ito 2008: told apart by the colour-blind, too. */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'] as const;
const steps = 100;

/** Realised profit over the share of customers contacted, as an SVG document; a dot marks where each curve is highest. */
export function profitPlot({ title, currency, curves }: ProfitPlot): string {
  const points = curves.map(({ profit }) => sampled(profit));
  const values = points.flat().map(({ profit }) => profit);
  const highest = Math.max(0, ...values);
  const ticks = ticksBetween(Math.min(0, ...values.filter((value) => !isNothing(value, highest))), highest);
  const [low, high] = [ticks[0]!, ticks.at(-1)!];
  const x = (share: number) => rounded(margins.left + share * plotWidth);
  const y = (profit: number) => rounded(margins.top + ((high - profit) / (high - low)) * plotHeight);
  const lines = curves.map((curve, i) => {
    const depth = Math.max(curve.profit.length - 1, 1);
    const [colour, strong] = [colours[i % colours.length]!, i === 0];
    const path = points[i]!.map(({ share, profit }) => `${x(share)},${y(profit)}`).join(' ');
    const best = curve.profit[curve.bestDepth] ?? 0;
    const dot = `<circle cx="${x(curve.bestDepth / depth)}" cy="${y(best)}" r="${strong ? 5 : 3.5}" fill="${colour}"/>`;
    return [
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="${strong ? 3 : 1.8}"/>`,
      ...(isNothing(best, highest) ? [] : [dot]),
    ].join('\n');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" role="img" font-family="sans-serif" font-size="13">
<title>${escaped(title)}</title>
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="16" y="24" font-size="12" font-weight="bold">${escaped(title)}</text>
${ticks.map((tick) => horizontalTick(tick, y(tick))).join('\n')}
${[0, 0.2, 0.4, 0.6, 0.8, 1].map((share) => label(x(share), size.height - 30, 'middle', `${share * 100} %`)).join('\n')}
${label(margins.left + plotWidth / 2, size.height - 10, 'middle', 'customers contacted, best-ranked first')}
<text transform="translate(16 ${margins.top + plotHeight / 2}) rotate(-90)" text-anchor="middle">profit, ${escaped(currency)}</text>
${lines.toReversed().join('\n')}
${curves.map(({ name }, i) => legendEntry(name, i)).join('\n')}
</svg>
`;
}

function sampled(profit: ArrayLike<number>): { share: number; profit: number }[] {
  const depth = profit.length - 1;
  const count = Math.min(depth, steps);
  return Array.from({ length: count + 1 }, (_, i) => {
    const k = count === 0 ? 0 : Math.round((i * depth) / count);
    return { share: depth === 0 ? 0 : k / depth, profit: profit[k] ?? 0 };
  });
}

/** Round numbers that hold the range: 1, 2 or 5 times a power of ten apart, about five of them. */
function ticksBetween(low: number, high: number): number[] {
  const rough = Math.max(high - low, 1e-9) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough)!;
  const [from, to] = [Math.floor(low / step), Math.ceil(high / step)];
  return Array.from({ length: Math.max(to - from, 1) + 1 }, (_, i) => (from + i) * step);
}

function horizontalTick(value: number, y: number): string {
  const colour = value === 0 ? '#666666' : '#e0e0e0';
  const line = `<line x1="${margins.left}" x2="${size.width - margins.right}" y1="${y}" y2="${y}" stroke="${colour}"/>`;
  return `${line}\n${label(margins.left - 8, y + 4, 'end', value.toLocaleString('en', { maximumSignificantDigits: 6 }))}`;
}

/** At the top right, where curves that fall from their best leave room. */
function legendEntry(name: string, i: number): string {
  const [x, y] = [size.width - margins.right - 190, margins.top + 18 + 18 * i];
  const line = `<line x1="${x}" x2="${x + 22}" y1="${y - 4}" y2="${y - 4}" stroke="${colours[i % colours.length]!}" stroke-width="3"/>`;
  return `${line}\n${label(x + 30, y, 'start', name)}`;
}

/** What is left over of sums that should be 0. */
const isNothing = (value: number, highest: number): boolean => Math.abs(value) <= 1e-9 * highest;

function label(x: number, y: number, anchor: 'start' | 'middle' | 'end', text: string): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${escaped(text)}</text>`;
}
