import pLimit from 'p-limit';
import type { DataSource } from 'typeorm';
import type { Config } from '../config.js';
import type { Notifications } from '../database/notifications.js';
import { ApiKeysService } from './api-keys.service.js';
import { AuditService } from './audit.service.js';
import { CampaignRecords } from './campaigns/campaign-records.service.js';
import { CampaignsService } from './campaigns/campaigns.service.js';
import { CustomerClvService } from './predictions/customer-clv.service.js';
import { CustomerHistoryService } from './customers/customer-history.service.js';
import { CustomerListService } from './customers/customer-list.service.js';
import { CustomersService } from './customers/customers.service.js';
import { ExplanationsService } from './explanations/explanations.service.js';
import { FilterValuesService } from './customers/filter-values.service.js';
import type { Inference } from './inference/inference.js';
import { LiveIngestion } from './ingestion/live-ingestion.service.js';
import { ModelPromotion } from './models/model-promotion.service.js';
import { ModelsService } from './models/models.service.js';
import { MonitoringService } from './monitoring.service.js';
import { OrderCurrencies } from './customers/order-currencies.js';
import { PortfolioService } from './customers/portfolio.service.js';
import { PredictionsService } from './predictions/predictions.service.js';
import { RunStartsService } from './runs/run-starts.service.js';
import { type RunQueue, RunsService } from './runs/runs.service.js';
import { type RetrainTimer, SchedulesService } from './retraining/schedules.service.js';
import { SegmentsService } from './customers/segments.service.js';
import { SnapshotCatalogue } from './preprocessing/snapshot-catalogue.service.js';
import { TotalsService } from './totals/totals.service.js';
import { WhatIfsService } from './explanations/what-ifs.service.js';

interface ServiceDependencies {
  readonly config: Config;
  readonly dataSource: DataSource;
  readonly queue: RunQueue & RetrainTimer & { readonly notifications: Notifications };
  readonly inference: Inference;
}

/** The services that resolvers and commands delegate to, made once per process. The caller closes what they depend on. */
export function createServices({ config, dataSource, queue, inference }: ServiceDependencies) {
  const runs = new RunsService(dataSource, queue, queue.notifications);
  const models = new ModelsService(dataSource);
  const runStarts = new RunStartsService(dataSource, config, runs);
  const predictions = new PredictionsService(dataSource, config, inference);
  const explanations = new ExplanationsService(dataSource, inference);
  const currencies = new OrderCurrencies(dataSource, config.currency);
  const customerLists = new CustomerListService(dataSource, config);
  // Statements that read the whole base, at a time, so that connections are left.
  const inTurn = pLimit(2);
  const totals = new TotalsService(dataSource, inTurn);
  const segments = new SegmentsService(dataSource, customerLists, totals);
  const campaigns = new CampaignsService(dataSource, currencies, segments, customerLists, totals, inTurn);
  return {
    apiKeys: new ApiKeysService(dataSource),
    audit: new AuditService(dataSource),
    campaignRecords: new CampaignRecords(dataSource, config, campaigns),
    campaigns,
    clv: new CustomerClvService(dataSource, currencies, predictions, explanations, config.horizonDays),
    currencies,
    customerHistory: new CustomerHistoryService(dataSource),
    customerLists,
    customers: new CustomersService(dataSource),
    filterValues: new FilterValuesService(dataSource, queue.notifications),
    inference,
    ingestion: new LiveIngestion(dataSource, config),
    modelPromotion: new ModelPromotion(models, runStarts),
    models,
    monitoring: new MonitoringService(dataSource),
    portfolio: new PortfolioService(dataSource, totals),
    runs,
    runStarts,
    schedules: new SchedulesService(queue),
    segments,
    snapshots: new SnapshotCatalogue(dataSource),
    whatIfs: new WhatIfsService(dataSource, inference),
  };
}

export type Services = Readonly<ReturnType<typeof createServices>>;
