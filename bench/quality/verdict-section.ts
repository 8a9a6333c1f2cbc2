import { advantageText, fixed, markdownTable, money, percent } from './markdown.js';
import { type MeasuredProtocol, oursOf } from './measured.js';
import { cellShows, cellTitles, outsideBold } from './protocol-section.js';
import { intervalsByDecile } from './run-metrics.js';
import { meanColumns } from './plots.js';
import type { Verdict } from './verdicts.js';

const shown: Record<Verdict, string> = {
  'significantly better': 'better, significantly',
  better: 'better, not significantly',
  'not significantly worse': 'not significantly worse',
  worse: '**worse**',
};

/** Ours against the best that any peer reaches, cell by cell. */
export function verdictSection(protocols: readonly MeasuredProtocol[]): string {
  const cells = protocols.flatMap(({ set, cells }) => cells.map((cell) => ({ id: set.protocol.id, ...cell })));
  if (cells.length === 0) return '';
  const count = (...verdicts: Verdict[]) => cells.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const rows = cells.map(({ id, metric, ours, peer, bestPeer, advantage, verdict }) => {
    const show = cellShows[metric];
    return [
      `${id} ${cellTitles[metric]}`,
      show(ours),
      `${show(peer)} (${bestPeer.replaceAll('_', ' ')})`,
      advantageText(advantage, show),
      shown[verdict],
    ];
  });
  return [
    '## Against the best of the peers',
    `For each protocol and figure, ours stands against the best value that *any* peer reaches. Of ${cells.length} cells ` +
      `ours is better in ${count('significantly better', 'better')}, significantly in ` +
      `${count('significantly better')}, not significantly worse in ${count('not significantly worse')}, and worse in ` +
      `${count('worse')}.`,
    markdownTable(['', 'ours', 'best peer', 'better by', 'verdict'], rows),
    ...figuresOfP1(protocols),
    ...coverage(protocols),
  ].join('\n\n');
}

/** The figures that were set beforehand for P1. */
function figuresOfP1(protocols: readonly MeasuredProtocol[]): string[] {
  const p1 = protocols.find(({ set }) => set.protocol.id === 'P1');
  const ours = p1 && oursOf(p1)?.all;
  if (!ours) return [];
  const aims = [
    ['Gini', 'at least 0.725', ours.gini?.mean, fixed(3), (value: number) => value >= 0.725],
    ['Spearman', 'at least 0.478', ours.spearman?.mean, fixed(3), (value: number) => value >= 0.478],
    ['RMSE', 'at most 92.0', ours.rmse?.mean, money, (value: number) => value <= 92],
    ['decile MAPE', 'at most 0.15', ours.decileMape?.mean, fixed(3), (value: number) => value <= 0.15],
    ['bias', 'at most 8 %', ours.bias?.mean, percent, (value: number) => Math.abs(value) <= 0.08],
  ] as const;
  const rows = aims.map(([name, aim, value, show, reached]) => [
    name,
    aim,
    value === undefined ? '' : show(value),
    value !== undefined && reached(value) ? 'reached' : '**missed**',
  ]);
  return ['Aims of P1, set beforehand:', markdownTable(['', 'aim', 'ours', ''], rows)];
}

function coverage(protocols: readonly MeasuredProtocol[]): string[] {
  const rows = protocols.flatMap((protocol) => {
    const ours = oursOf(protocol);
    if (!ours?.all.coverage80) return [];
    const { set, everyone } = protocol;
    const tenths = meanColumns(
      ours.contestant.runs.map((run) => intervalsByDecile(set, run, 80, everyone).map(({ coverage }) => coverage)),
    );
    const [fewest, most] = [Math.min(...tenths), Math.max(...tenths)];
    return [
      [
        set.protocol.id,
        outsideBold(ours.all.coverage80.mean, 0.77, 0.83),
        outsideBold(fewest, 0.7, 0.9),
        outsideBold(most, 0.7, 0.9),
      ],
    ];
  });
  if (rows.length === 0) return [];
  return [
    'Customers inside our 80 % interval; the aim is 77 to 83 % overall and 70 to 90 % in every tenth by prediction, in ' +
      'bold where it is missed:',
    markdownTable(['', 'overall', 'tenth with the fewest', 'tenth with the most'], rows),
  ];
}
