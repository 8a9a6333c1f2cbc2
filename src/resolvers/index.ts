import { ApiKeysResolver } from './access/api-keys.resolver.js';
import { AuditLogResolver } from './access/audit-log.resolver.js';
import { CampaignRecordsResolver } from './campaigns/campaign-records.resolver.js';
import {
  CampaignOutcomeResolver,
  CampaignsResolver,
  MarginalCustomerResolver,
} from './campaigns/campaigns.resolver.js';
import { ClvFieldsResolver, ExplanationFieldsResolver, WhatIfFieldsResolver } from './customers/clv-fields.resolver.js';
import { CustomerFieldsResolver } from './customers/customer-fields.resolver.js';
import { BehaviorEventFieldsResolver, OrderFieldsResolver } from './customers/customer-history.resolver.js';
import { CustomersResolver } from './customers/customers.resolver.js';
import { FilterValueCountsResolver, FilterValuesResolver } from './customers/filter-values.resolver.js';
import { IngestionResolver } from './ingestion/ingestion.resolver.js';
import { ModelComparisonFieldsResolver, ModelComparisonsResolver } from './models/model-comparisons.resolver.js';
import { ModelFieldsResolver } from './models/model-fields.resolver.js';
import { ModelsResolver } from './models/models.resolver.js';
import { NodeResolver } from './node.resolver.js';
import { PortfolioResolver } from './customers/portfolio.resolver.js';
import { RunFieldsResolver } from './runs/run-fields.resolver.js';
import { RunStartsResolver } from './runs/run-starts.resolver.js';
import { RunsResolver } from './runs/runs.resolver.js';
import { SchedulesResolver } from './runs/schedules.resolver.js';
import { SegmentFieldsResolver, SegmentPreviewResolver } from './customers/segment-fields.resolver.js';
import { SegmentsResolver } from './customers/segments.resolver.js';
import { SnapshotFieldsResolver } from './runs/snapshot-fields.resolver.js';
import { SnapshotsResolver } from './runs/snapshots.resolver.js';
import { SystemResolver } from './system.resolver.js';

/** Every resolver class of the schema. */
export const resolvers = [
  ApiKeysResolver,
  AuditLogResolver,
  BehaviorEventFieldsResolver,
  CampaignOutcomeResolver,
  CampaignRecordsResolver,
  CampaignsResolver,
  ClvFieldsResolver,
  CustomerFieldsResolver,
  CustomersResolver,
  ExplanationFieldsResolver,
  FilterValueCountsResolver,
  FilterValuesResolver,
  IngestionResolver,
  MarginalCustomerResolver,
  ModelComparisonFieldsResolver,
  ModelComparisonsResolver,
  ModelFieldsResolver,
  ModelsResolver,
  NodeResolver,
  OrderFieldsResolver,
  PortfolioResolver,
  RunFieldsResolver,
  RunStartsResolver,
  RunsResolver,
  SchedulesResolver,
  SegmentFieldsResolver,
  SegmentPreviewResolver,
  SegmentsResolver,
  SnapshotFieldsResolver,
  SnapshotsResolver,
  SystemResolver,
  WhatIfFieldsResolver,
] as const;
