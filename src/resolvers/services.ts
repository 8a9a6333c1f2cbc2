import type { ApiKeysService } from '../services/api-keys.service.js';
import type { AuditService } from '../services/audit.service.js';
import type { CampaignRecords } from '../services/campaigns/campaign-records.service.js';
import type { CampaignsService } from '../services/campaigns/campaigns.service.js';
import type { CustomerClvService } from '../services/predictions/customer-clv.service.js';
import type { CustomerHistoryService } from '../services/customers/customer-history.service.js';
import type { CustomerListService } from '../services/customers/customer-list.service.js';
import type { CustomersService } from '../services/customers/customers.service.js';
import type { FilterValuesService } from '../services/customers/filter-values.service.js';
import type { Inference } from '../services/inference/inference.js';
import type { LiveIngestion } from '../services/ingestion/live-ingestion.service.js';
import type { ModelPromotion } from '../services/models/model-promotion.service.js';
import type { ModelsService } from '../services/models/models.service.js';
import type { MonitoringService } from '../services/monitoring.service.js';
import type { OrderCurrencies } from '../services/customers/order-currencies.js';
import type { PortfolioService } from '../services/customers/portfolio.service.js';
import type { RunStartsService } from '../services/runs/run-starts.service.js';
import type { RunsService } from '../services/runs/runs.service.js';
import type { SchedulesService } from '../services/retraining/schedules.service.js';
import type { SegmentsService } from '../services/customers/segments.service.js';
import type { SnapshotCatalogue } from '../services/preprocessing/snapshot-catalogue.service.js';
import type { WhatIfsService } from '../services/explanations/what-ifs.service.js';

/** What resolvers delegate to. One instance each per process. */
export interface Services {
  readonly apiKeys: ApiKeysService;
  readonly audit: AuditService;
  readonly campaignRecords: CampaignRecords;
  readonly campaigns: CampaignsService;
  readonly clv: CustomerClvService;
  readonly currencies: OrderCurrencies;
  readonly customerHistory: CustomerHistoryService;
  readonly customerLists: CustomerListService;
  readonly customers: CustomersService;
  readonly filterValues: FilterValuesService;
  readonly inference: Inference;
  readonly ingestion: LiveIngestion;
  readonly modelPromotion: ModelPromotion;
  readonly models: ModelsService;
  readonly monitoring: MonitoringService;
  readonly portfolio: PortfolioService;
  readonly runs: RunsService;
  readonly runStarts: RunStartsService;
  readonly schedules: SchedulesService;
  readonly segments: SegmentsService;
  readonly snapshots: SnapshotCatalogue;
  readonly whatIfs: WhatIfsService;
}
