import type { LimitFunction } from 'p-limit';
import type { DataSource } from 'typeorm';
import { ModelVersion } from '../../entities/index.js';
import { type Forecast, levelScale } from '../../ml/training/level-error.js';
import type { CustomerFilter } from '../customers/customer-filter.types.js';
import { metricsOf } from '../models/model-metrics.js';
import type { PredictionPeriod } from '../predictions/prediction-store.js';
import { SqlParameters, type Statement } from '../sql-parameters.js';
import { intervalOfTotal, type SpendDistribution, type TotalInterval, type TotalSpend } from './total-spend.js';
import { predictionsOf, totalSpendStatement } from './total-spend-statement.js';

interface DistributionRow extends SpendDistribution, Omit<TotalSpend, 'simulated' | 'levelScale'> {
  /** Of all predicted value. */
  readonly share: number;
}

const nobody = { customers: 0, mean: 0, variance: 0, share: 0 };

/** What customers of the scored base spend together, and how sure that is. */
export class TotalsService {
  /** @param inTurn limits statements that read the whole base */
  constructor(
    private readonly dataSource: DataSource,
    private readonly inTurn: LimitFunction,
  ) {}

  /**
   * Where the total net spend of the customers with a prediction who match will lie. The caller checks that the period is still read.
   * @throws ClvError BAD_USER_INPUT for a wrong filter
   */
  async interval(period: PredictionPeriod, filter: CustomerFilter | null, level: number): Promise<TotalInterval> {
    const parameters = new SqlParameters();
    const statement = totalSpendStatement(period, predictionsOf(period, filter, parameters), parameters);
    return intervalOfTotal(await this.spend(period, statement), level);
  }

  /** @param statement a `totalSpendStatement` of the period */
  async spend({ modelId, horizonDays }: PredictionPeriod, { sql, parameters }: Statement): Promise<TotalSpend> {
    const rows = await this.inTurn(() => this.dataSource.query<DistributionRow[]>(sql, parameters));
    const { customers, mean, variance, share } = rows[0] ?? nobody;
    const level = await this.levelScaleOf(modelId, { share, horizonDays });
    return { customers, mean, variance, simulated: rows, levelScale: level };
  }

  private async levelScaleOf(modelId: string, forecast: Forecast): Promise<number> {
    const { manager } = this.dataSource;
    const model = await manager.findOne(ModelVersion, { select: { metrics: true }, where: { id: modelId } });
    return levelScale((model && metricsOf(model).validation) ?? null, forecast);
  }
}
