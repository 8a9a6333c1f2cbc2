import { ApiKeysResolver } from './api-keys.resolver.js';
import { AuditLogResolver } from './audit-log.resolver.js';
import { CampaignRecordsResolver } from './campaign-records.resolver.js';
import { CampaignOutcomeResolver, CampaignsResolver, MarginalCustomerResolver } from './campaigns.resolver.js';
import { ClvFieldsResolver, ExplanationFieldsResolver, WhatIfFieldsResolver } from './clv-fields.resolver.js';
import { CustomerFieldsResolver } from './customer-fields.resolver.js';
import { BehaviorEventFieldsResolver, OrderFieldsResolver } from './customer-history.resolver.js';
import { CustomersResolver } from './customers.resolver.js';
import { FilterValueCountsResolver, FilterValuesResolver } from './filter-values.resolver.js';
import { IngestionResolver } from './ingestion.resolver.js';
import { ModelComparisonFieldsResolver, ModelComparisonsResolver } from './model-comparisons.resolver.js';
import { ModelFieldsResolver } from './model-fields.resolver.js';
import { ModelsResolver } from './models.resolver.js';
import { NodeResolver } from './node.resolver.js';
import { PortfolioResolver } from './portfolio.resolver.js';
import { RunFieldsResolver } from './run-fields.resolver.js';
import { RunStartsResolver } from './run-starts.resolver.js';
import { RunsResolver } from './runs.resolver.js';
import { SchedulesResolver } from './schedules.resolver.js';
import { SegmentFieldsResolver, SegmentPreviewResolver } from './segment-fields.resolver.js';
import { SegmentsResolver } from './segments.resolver.js';
import { SnapshotFieldsResolver } from './snapshot-fields.resolver.js';
import { SnapshotsResolver } from './snapshots.resolver.js';
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
