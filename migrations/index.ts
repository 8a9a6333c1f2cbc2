import type { MigrationInterface } from 'typeorm';
import { Schema1764028800000 } from './1764028800000-schema.js';
import { EventPartitions1764028800001 } from './1764028800001-event-partitions.js';
import { CustomerSummaryRows1764028800002 } from './1764028800002-customer-summary-rows.js';
import { ModelOperations1764028800003 } from './1764028800003-model-operations.js';
import { OrderCurrencyIndex1764028800004 } from './1764028800004-order-currency-index.js';
import { ArtifactParts1764028800005 } from './1764028800005-artifact-parts.js';
import { ExplanationModel1764028800006 } from './1764028800006-explanation-model.js';
import { Covariates1764028800007 } from './1764028800007-covariates.js';
import { PictureCaptions1764028800008 } from './1764028800008-picture-captions.js';
import { UnusedColumns1764028800009 } from './1764028800009-unused-columns.js';
import { ClvChanges1764028800010 } from './1764028800010-clv-changes.js';
import { PersonalDataSearch1764028800011 } from './1764028800011-personal-data-search.js';
import { LookupIndexes1764028800012 } from './1764028800012-lookup-indexes.js';
import { Campaigns1764028800013 } from './1764028800013-campaigns.js';
import { LargeBases1764028800014 } from './1764028800014-large-bases.js';
import { TidiedRecords1764028800015 } from './1764028800015-tidied-records.js';
import { BoughtCategories1764028800016 } from './1764028800016-bought-categories.js';
import { ShorterWaits1764028800017 } from './1764028800017-shorter-waits.js';
import { ApiKeyUse1764028800018 } from './1764028800018-api-key-use.js';
import { ExpectedNextOrders1764028800019 } from './1764028800019-expected-next-orders.js';
import { NamesWithoutAccents1764028800020 } from './1764028800020-names-without-accents.js';
import { PhonesInAnyDigits1764028800021 } from './1764028800021-phones-in-any-digits.js';
import { ComposedEmails1764028800022 } from './1764028800022-composed-emails.js';

/** Every migration, oldest first. */
export const migrations: (new () => MigrationInterface)[] = [
  Schema1764028800000,
  EventPartitions1764028800001,
  CustomerSummaryRows1764028800002,
  ModelOperations1764028800003,
  OrderCurrencyIndex1764028800004,
  ArtifactParts1764028800005,
  ExplanationModel1764028800006,
  Covariates1764028800007,
  PictureCaptions1764028800008,
  UnusedColumns1764028800009,
  ClvChanges1764028800010,
  PersonalDataSearch1764028800011,
  LookupIndexes1764028800012,
  Campaigns1764028800013,
  LargeBases1764028800014,
  TidiedRecords1764028800015,
  BoughtCategories1764028800016,
  ShorterWaits1764028800017,
  ApiKeyUse1764028800018,
  ExpectedNextOrders1764028800019,
  NamesWithoutAccents1764028800020,
  PhonesInAnyDigits1764028800021,
  ComposedEmails1764028800022,
];
