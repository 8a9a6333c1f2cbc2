import type { DataSource } from 'typeorm';
import type { Config } from '../config.js';
import type { Queue } from '../jobs/queue.js';
import type { Services } from '../resolvers/services.js';
import { ApiKeysService } from '../services/api-keys.service.js';
import { AuditService } from '../services/audit.service.js';
import { CampaignRecords } from '../services/campaigns/campaign-records.service.js';
import { CampaignsService } from '../services/campaigns/campaigns.service.js';
import { CustomerClvService } from '../services/predictions/customer-clv.service.js';
import { CustomerHistoryService } from '../services/customers/customer-history.service.js';
import { CustomerListService } from '../services/customers/customer-list.service.js';
import { CustomersService } from '../services/customers/customers.service.js';
import { ExplanationsService } from '../services/explanations/explanations.service.js';
import { FilterValuesService } from '../services/customers/filter-values.service.js';
import type { Inference } from '../services/inference/inference.js';
import { LiveIngestion } from '../services/ingestion/live-ingestion.service.js';
import { ModelPromotion } from '../services/models/model-promotion.service.js';
import { ModelsService } from '../services/models/models.service.js';
import { MonitoringService } from '../services/monitoring.service.js';
import { OrderCurrencies } from '../services/customers/order-currencies.js';
import { PortfolioService } from '../services/customers/portfolio.service.js';
import { PredictionsService } from '../services/predictions/predictions.service.js';
import { RunStartsService } from '../services/runs/run-starts.service.js';
import { RunsService } from '../services/runs/runs.service.js';
import { SchedulesService } from '../services/retraining/schedules.service.js';
import { SegmentsService } from '../services/customers/segments.service.js';
import { SnapshotCatalogue } from '../services/preprocessing/snapshot-catalogue.service.js';
import { WhatIfsService } from '../services/explanations/what-ifs.service.js';

interface ServiceDependencies {
  readonly config: Config;
  readonly dataSource: DataSource;
  readonly queue: Queue;
  readonly inference: Inference;
}

/** The services behind the API, made once per process. The caller closes what they depend on. */
export function createServices({ config, dataSource, queue, inference }: ServiceDependencies): Services {
  const runs = new RunsService(dataSource, queue, queue.notifications);
  const models = new ModelsService(dataSource);
  const runStarts = new RunStartsService(dataSource, config, runs);
  const predictions = new PredictionsService(dataSource, config, inference);
  const explanations = new ExplanationsService(dataSource, inference);
  const currencies = new OrderCurrencies(dataSource, config.currency);
  const customerLists = new CustomerListService(dataSource, config);
  const segments = new SegmentsService(dataSource, customerLists);
  const campaigns = new CampaignsService(dataSource, currencies, segments, customerLists);
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
    portfolio: new PortfolioService(dataSource),
    runs,
    runStarts,
    schedules: new SchedulesService(queue),
    segments,
    snapshots: new SnapshotCatalogue(dataSource),
    whatIfs: new WhatIfsService(dataSource, inference),
  };
}
