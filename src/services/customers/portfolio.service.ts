import type { DataSource } from 'typeorm';
import { utcDayOf } from '../../database/utc-day.js';
import { type ClvTier, clvTiers } from '../../entities/index.js';
import { ClvError } from '../../errors.js';
import { cents, sum } from '../../math.js';
import { tierBounds, tierOf } from '../predictions/tiers.js';
import type { PredictionPeriod } from '../predictions/prediction-store.js';
import { isScoredFor, isStillRead, requireScoredBase, requireStillRead } from '../scoring/scored-base.js';
import type { TotalInterval } from '../totals/total-spend.js';
import type { TotalsService } from '../totals/totals.service.js';
import { counted } from '../../text.js';

export interface PortfolioDecile {
  /** 1 for the tenth of the customers with the highest predictions. */
  readonly decile: number;
  readonly customers: number;
  readonly predicted: number;
  readonly share: number;
  readonly meanPredicted: number;
}

export interface PortfolioTier {
  readonly tier: ClvTier;
  readonly customers: number;
  readonly predicted: number;
  readonly share: number;
}

export interface Concentration {
  readonly topPercent: number;
  /** Share of all predicted value that these best customers have, 0 to 1. */
  readonly share: number;
}

/** Figures of the scored base. Money in currency. */
export interface Portfolio {
  readonly period: PredictionPeriod;
  readonly customers: number;
  readonly totalPredicted: number;
  readonly totalHistoric: number;
  readonly deciles: readonly PortfolioDecile[];
  readonly tiers: readonly PortfolioTier[];
  readonly concentration: readonly Concentration[];
  /** Gini coefficient of the predicted values: 0 where all are equal, near 1 where one customer has everything. */
  readonly gini: number;
}

const topPercents = [1, 5, 10, 20, 50] as const;

/** Sums over the customers of one hundredth of the base and one tier. */
interface CellRow {
  /** 0 for the best. */
  readonly hundredth: number;
  readonly percentile: number;
  readonly customers: number;
  readonly predicted: number;
  /** Sum of the rank (1 for the best) times the value. */
  readonly ranked: number;
}

/** SQL of a number that is the same for all percentiles of a tier. */
const tierLevel = Object.values(tierBounds)
  .map((bound) => `(percentile >= ${bound})::integer`)
  .join(' + ');

/** Sums over the whole scored base. */
export class PortfolioService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly totals: TotalsService,
  ) {}

  /**
   * @param horizonDays another horizon than that of lists, for the same customers and as-of date
   * @throws ClvError MODEL_NOT_READY where the base was not scored (for this horizon)
   */
  async portfolio(horizonDays?: number | null): Promise<Portfolio> {
    const period = await this.period(horizonDays);
    const [cells, totalHistoric] = await Promise.all([this.cells(period), this.historic(period.asOf)]);
    if (!(await isStillRead(this.dataSource, period))) return this.portfolio(horizonDays);
    const customers = sum(cells.map((cell) => cell.customers));
    const totalPredicted = sum(cells.map((cell) => cell.predicted));
    const share = (value: number) => (totalPredicted > 0 ? value / totalPredicted : 0);
    return {
      period,
      customers,
      totalPredicted: cents(totalPredicted),
      totalHistoric: cents(totalHistoric),
      deciles: decilesOf(cells, share),
      tiers: tiersOf(cells, share),
      concentration: topPercents.map((topPercent) => ({
        topPercent,
        share: share(sum(cells.map(({ hundredth, predicted }) => (hundredth < topPercent ? predicted : 0)))),
      })),
      // Over ranks from the best, Gini = (n + 1 - 2 Σ rank·value / Σ value) / n.
      gini: totalPredicted > 0 ? (customers + 1 - 2 * share(sum(cells.map(({ ranked }) => ranked)))) / customers : 0,
    };
  }

  /** Where the total of a portfolio will lie. @throws ClvError CONFLICT where all were scored anew since it was read */
  async totalInterval({ period }: Portfolio, level: number): Promise<TotalInterval> {
    const interval = await this.totals.interval(period, null, level);
    await requireStillRead(this.dataSource, period);
    return interval;
  }

  private async period(horizonDays: number | null | undefined): Promise<PredictionPeriod> {
    const listed = await requireScoredBase(this.dataSource);
    const wanted = { ...listed, horizonDays: horizonDays ?? listed.horizonDays };
    if (wanted.horizonDays === listed.horizonDays) return listed;
    if (await isScoredFor(this.dataSource, listed, wanted.horizonDays)) return wanted;
    const asOf = listed.asOf.toISOString();
    throw new ClvError(
      'MODEL_NOT_READY',
      `As of ${asOf}, the date that lists read, the active model has scored all customers for ` +
        `${counted(listed.horizonDays, 'day')}, not for ${wanted.horizonDays}. An administrator starts that with startScoring(input: { horizonDays: ` +
        `${wanted.horizonDays}, asOf: "${asOf}" }).`,
    );
  }

  private cells({ modelId, horizonDays, asOf }: PredictionPeriod): Promise<CellRow[]> {
    return this.dataSource.query<CellRow[]>(
      `with base as (
         select expected_value as value, percentile,
           row_number() over (order by expected_value desc, customer_id desc) as rank
         from prediction
         where model_id = $1 and horizon_days = $2 and as_of = $3
       )
       select ((rank - 1) * 100 / (select count(*) from base))::integer as hundredth, coalesce(min(percentile), 0) as percentile,
         count(*)::integer as customers, sum(value) as predicted, sum(rank * value) as ranked
       from base
       group by hundredth, ${tierLevel}
       order by hundredth`,
      [modelId, horizonDays, asOf],
    );
  }

  /** All net spend before the as-of date: that of the summaries, less the spend since that date, which is mostly 0. */
  private async historic(asOf: Date): Promise<number> {
    const [row] = await this.dataSource.query<{ spend: number }[]>(
      `select (coalesce((select sum(spend) from customer_summary), 0)
         - coalesce((select sum(net) from purchase_day where day >= ${utcDayOf('$1')}), 0))::float8
         as spend`,
      [asOf],
    );
    return row?.spend ?? 0;
  }
}

function decilesOf(cells: readonly CellRow[], share: (value: number) => number): PortfolioDecile[] {
  const decileOf = ({ hundredth }: CellRow) => Math.floor(hundredth / 10) + 1;
  return [...new Set(cells.map(decileOf))].map((decile) => {
    const own = cells.filter((cell) => decileOf(cell) === decile);
    const customers = sum(own.map((cell) => cell.customers));
    const predicted = sum(own.map((cell) => cell.predicted));
    return {
      decile,
      customers,
      predicted: cents(predicted),
      share: share(predicted),
      meanPredicted: cents(predicted / customers),
    };
  });
}

function tiersOf(cells: readonly CellRow[], share: (value: number) => number): PortfolioTier[] {
  return clvTiers.map((tier) => {
    const own = cells.filter(({ percentile }) => tierOf(percentile) === tier);
    const predicted = sum(own.map((cell) => cell.predicted));
    return {
      tier,
      customers: sum(own.map((cell) => cell.customers)),
      predicted: cents(predicted),
      share: share(predicted),
    };
  });
}
