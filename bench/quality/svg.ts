import { clamp } from '../../src/math.js';

export interface Series {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly dashed?: boolean;
  /** A dot at each point. */
  readonly dots?: boolean;
}

interface Axis {
  readonly label: string;
  readonly ticks: readonly number[];
  readonly scale?: 'linear' | 'log';
  readonly show?: (tick: number) => string;
}

export interface Panel {
  readonly title: string;
  /** From the first tick to the last. */
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  /** A range of y that is aimed at. */
  readonly band?: readonly [from: number, to: number];
}

/** Okabe and Ito 2008: told apart by the colour-blind, too. */
export const colours = { blue: '#0072b2', orange: '#d55e00', green: '#009e73', grey: '#777777', black: '#000000' };

const size = { width: 478, height: 380 };
const area = { left: 66, right: size.width - 24, top: 44, bottom: size.height - 82 };

/** Line plots side by side on a white ground, each with its legend below, as an SVG document. */
export function plotDocument(title: string, panels: readonly Panel[]): string {
  const width = size.width * panels.length;
  const drawn = panels.map((panel, i) => `<g transform="translate(${i * size.width} 0)">\n${drawPanel(panel)}\n</g>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${size.height}" role="img" font-family="sans-serif" font-size="12">
<title>${escaped(title)}</title>
<rect width="100%" height="100%" fill="#ffffff"/>
${drawn.join('\n')}
</svg>
`;
}

function drawPanel({ title, x, y, series, band }: Panel): string {
  const across = placing(x, area.left, area.right);
  const up = placing(y, area.bottom, area.top);
  const label = (axis: Axis, tick: number) => escaped(axis.show?.(tick) ?? tick.toLocaleString('en'));
  return [
    text(area.left, 24, title, 'font-size="14" font-weight="bold"'),
    band
      ? `<rect x="${area.left}" y="${up(band[1])}" width="${area.right - area.left}" height="${rounded(up(band[0]) - up(band[1]))}" fill="#eef4ea"/>`
      : '',
    ...y.ticks.map(
      (tick) =>
        `<line x1="${area.left}" x2="${area.right}" y1="${up(tick)}" y2="${up(tick)}" stroke="#e2e2e2"/>` +
        text(area.left - 7, up(tick) + 4, label(y, tick), 'text-anchor="end"'),
    ),
    ...x.ticks.map((tick) => text(across(tick), area.bottom + 17, label(x, tick), 'text-anchor="middle"')),
    text((area.left + area.right) / 2, area.bottom + 36, x.label, 'text-anchor="middle"'),
    `<text transform="translate(15 ${(area.top + area.bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(y.label)}</text>`,
    // The first is drawn last, on top.
    ...series.map((each) => drawSeries(each, across, up)).toReversed(),
    ...series.map(legendEntry),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

type Placing = (value: number) => number;

function drawSeries({ points, colour, dashed, dots }: Series, across: Placing, up: Placing): string {
  const placed = points.map(([x, y]) => [across(x), up(y)] as const);
  const dash = dashed ? ' stroke-dasharray="5 4"' : '';
  const line = `<polyline points="${placed.map((point) => point.join(',')).join(' ')}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>`;
  const circles = dots ? placed.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`) : [];
  return [line, ...circles].join('\n');
}

/** In two columns under the axis. */
function legendEntry({ name, colour, dashed }: Series, i: number): string {
  const [x, y] = [area.left + (i % 2) * 216, area.bottom + 56 + 18 * Math.floor(i / 2)];
  const dash = dashed ? ' stroke-dasharray="5 4"' : '';
  return (
    `<line x1="${x}" x2="${x + 22}" y1="${y - 4}" y2="${y - 4}" stroke="${colour}" stroke-width="3"${dash}/>` +
    text(x + 28, y, name)
  );
}

/** Values beyond the axis are drawn at its end. */
function placing({ ticks, scale = 'linear' }: Axis, from: number, to: number): Placing {
  const [low, high] = [ticks[0]!, ticks.at(-1)!];
  const measure = scale === 'log' ? Math.log : (value: number) => value;
  return (value) => {
    const inside = clamp(value, low, high);
    return rounded(from + ((measure(inside) - measure(low)) / (measure(high) - measure(low))) * (to - from));
  };
}

/** 1, 2 and 5 times powers of ten, around all the positive ones of the values. */
export function logTicks(values: readonly number[]): number[] {
  const positive = values.filter((value) => value > 0);
  const [low, high] = [Math.min(...positive, 1e12), Math.max(...positive, 1e-12)];
  const candidates = Array.from({ length: 48 }, (_, i) => [1, 2, 5][i % 3]! * 10 ** (Math.floor(i / 3) - 4));
  const from = candidates.findLastIndex((tick) => tick <= low);
  const to = candidates.findIndex((tick) => tick >= high);
  return candidates.slice(Math.max(from, 0), Math.max(to, from + 1) + 1);
}

function text(x: number, y: number, content: string, more = ''): string {
  return `<text x="${rounded(x)}" y="${rounded(y)}"${more ? ` ${more}` : ''}>${escaped(content)}</text>`;
}

export function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** A coordinate, to a tenth of a pixel. */
export const rounded = (value: number): number => Math.round(value * 10) / 10;
