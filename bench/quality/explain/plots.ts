import type { Curves } from './order-test.js';

const panel = { width: 320, height: 220, left: 46, top: 30, bottom: 42, right: 14 };
const colours = { own: '#1b6ca8', random: '#888888', reversed: '#c0562a' } as const;
const names = { own: 'own order', random: 'random order', reversed: 'reversed order' } as const;
const plotWidth = panel.width - panel.left - panel.right;
const plotHeight = panel.height - panel.top - panel.bottom;

/** Deletion and insertion side by side: mean prediction, in each customer's own range, by share of groups. */
export function orderPlot(title: string, deletion: Curves, insertion: Curves): string {
  return document(
    2 * panel.width,
    panel.height + 22,
    title,
    curvesPanel(0, 'Deletion (lower is better)', 'share of groups removed', deletion) +
      curvesPanel(panel.width, 'Insertion (higher is better)', 'share of groups added', insertion) +
      legend(),
  );
}

function curvesPanel(left: number, heading: string, xLabel: string, curves: Curves): string {
  const lines = Object.entries(colours).map(([name, colour]) => {
    const values = curves[name as keyof Curves];
    const points = values.map((value, i) => `${x(i / (values.length - 1))},${y(value)}`);
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`;
  });
  const ticks = [0, 0.5, 1];
  return (
    `<g transform="translate(${left} 0)">${frame(heading, xLabel, 'prediction in own range')}` +
    ticks.map((at) => tick(x(at), yOf(0) + 14, at, 'middle') + tick(xOf(0) - 6, yOf(at) + 4, at, 'end')).join('') +
    `${lines.join('')}</g>`
  );
}

function legend(): string {
  return Object.entries(colours)
    .map(([name, colour], i) => {
      const left = panel.left + i * 150;
      const label = names[name as keyof Curves];
      return (
        `<line x1="${left}" x2="${left + 22}" y1="${panel.height + 8}" y2="${panel.height + 8}" stroke="${colour}" ` +
        `stroke-width="2"/><text x="${left + 28}" y="${panel.height + 12}">${label}</text>`
      );
    })
    .join('');
}

/** Attributed amounts over exact Shapley values, both on an asinh scale: money is spread over orders of magnitude. */
export function shapleyPlot(title: string, pairs: readonly (readonly [number, number])[], currency: string): string {
  const largest = Math.max(...pairs.flat().map(Math.abs), 1);
  const place = (amount: number) => 0.5 + Math.asinh(amount) / (2 * Math.asinh(largest));
  const dots = pairs.map(
    ([exact, attributed]) =>
      `<circle cx="${x(place(exact))}" cy="${y(place(attributed))}" r="2" fill="${colours.own}" fill-opacity="0.5"/>`,
  );
  const magnitude = 10 ** Math.floor(Math.log10(largest));
  const ticks = [-magnitude, -magnitude / 10, 0, magnitude / 10, magnitude];
  return document(
    panel.width,
    panel.height,
    title,
    frame(title, `exact Shapley value, ${currency}`, `attributed, ${currency}`) +
      `<line x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}" stroke="#888888" stroke-dasharray="4 3"/>` +
      ticks
        .map((at) => tick(x(place(at)), yOf(0) + 14, at, 'middle') + tick(xOf(0) - 6, yOf(place(at)) + 4, at, 'end'))
        .join('') +
      dots.join(''),
  );
}

const xOf = (share: number): number => panel.left + share * plotWidth;
const x = (share: number): string => xOf(share).toFixed(1);
const yOf = (share: number): number => panel.top + (1 - share) * plotHeight;
const y = (share: number): string => yOf(share).toFixed(1);

function document(width: number, height: number, title: string, content: string): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `font-family="sans-serif" font-size="10"><title>${title}</title>` +
    `<rect width="100%" height="100%" fill="#ffffff"/>${content}</svg>\n`
  );
}

function frame(heading: string, xLabel: string, yLabel: string): string {
  const middle = panel.top + plotHeight / 2;
  return (
    `<rect x="${panel.left}" y="${panel.top}" width="${plotWidth}" height="${plotHeight}" fill="none" stroke="#cccccc"/>` +
    `<text x="${panel.left}" y="18" font-size="12">${heading}</text>` +
    `<text x="${panel.left + plotWidth / 2}" y="${panel.height - 10}" text-anchor="middle">${xLabel}</text>` +
    `<text transform="translate(11 ${middle}) rotate(-90)" text-anchor="middle">${yLabel}</text>`
  );
}

function tick(left: string | number, top: string | number, value: number, anchor: 'middle' | 'end'): string {
  return `<text x="${left}" y="${top}" text-anchor="${anchor}" fill="#555555">${value}</text>`;
}
