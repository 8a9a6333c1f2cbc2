import DataLoader from 'dataloader';
import type { ModelVersion } from '../../entities/index.js';
import type { HistoryRequest } from '../../services/customers/customer-history.service.js';
import type { AnswerBudget } from '../../services/largest-answer.js';
import type { CustomerClv } from '../../services/predictions/customer-clv.js';
import type { ExplanationRequest } from '../../services/predictions/customer-clv.service.js';
import type { ClvRequest } from '../../services/predictions/predictions.service.js';
import type { Services } from '../../services/create-services.js';
import { createDriftReportsByModelLoader } from './drift-reports-by-model.loader.js';
import { createEventsByCustomerLoader } from './events-by-customer.loader.js';
import { createLinesByOrderLoader } from './lines-by-order.loader.js';
import { historyKey } from './history-key.js';
import { loaderByFilter } from './loader-by-filter.js';
import { loaderByCustomer, loaderById, loaderByRun } from './loader-by-id.js';
import { createMembersBySegmentLoader } from './members-by-segment.loader.js';
import { createSegmentsByCustomerLoader } from './segments-by-customer.loader.js';
import { createSummaryByCustomerLoader } from './summary-by-customer.loader.js';

/**
 * A set of loaders per request, and a new one after each mutation and for each event, so that nothing is shared between callers or out of
 * date.
 * @param budget of the request, shared by all its sets
 * @param hasLeft whether the client has left: then nothing slow is begun. Not given after a mutation, since the document may have more
 */
export function createLoaders(services: Services, budget: AnswerBudget, hasLeft = () => false) {
  return {
    adviceByModel: new DataLoader((asked: readonly ModelVersion[]) => services.models.advice(asked), {
      cacheKeyFn: ({ id }) => id,
    }),
    apiKeyById: loaderById((ids) => services.apiKeys.findMany(ids)),
    clvChangeByCustomer: loaderByCustomer((ids) => services.customers.findClvChanges(ids)),
    clvByCustomerAndHorizon: new DataLoader((requests: readonly ClvRequest[]) => services.clv.clv(requests), {
      cacheKeyFn: ({ customerId, horizonDays }) => `${customerId}/${horizonDays}`,
    }),
    customerById: loaderById((ids) => services.customers.findMany(ids)),
    driftReportsByModel: createDriftReportsByModelLoader(services),
    eventsByCustomer: createEventsByCustomerLoader(services, budget),
    // This and the what-ifs are keyed by the value itself, so that they are of the answered value.
    explanationByClv: new DataLoader((asked: readonly ExplanationRequest[]) => services.clv.explain(asked, hasLeft)),
    historyByClv: new DataLoader((values: readonly CustomerClv[]) => services.clv.histories(values), {
      // Each field gets a copy of the value.
      cacheKeyFn: ({ served }) => served,
    }),
    linesByOrder: createLinesByOrderLoader(services, budget),
    membersBySegment: createMembersBySegmentLoader(services, budget),
    modelById: loaderById((ids) => services.models.findMany(ids)),
    modelByRun: loaderByRun((ids) => services.models.madeBy(ids)),
    ordersByCustomer: new DataLoader(
      (requests: readonly HistoryRequest[]) => services.customerHistory.orders(requests),
      { cacheKeyFn: historyKey },
    ),
    personalDataByCustomer: loaderByCustomer((ids) => services.customers.findPersonalData(ids)),
    segmentById: loaderById((ids) => services.segments.findMany(ids)),
    segmentsByCustomer: createSegmentsByCustomerLoader(services),
    snapshotById: loaderById((ids) => services.snapshots.findMany(ids)),
    snapshotByRun: loaderByRun((ids) => services.snapshots.madeBy(ids)),
    spentByFilter: loaderByFilter((filter) => services.segments.spent(filter), hasLeft),
    summaryByCustomer: createSummaryByCustomerLoader(services),
    whatIfsByClv: new DataLoader((values: readonly CustomerClv[]) => services.whatIfs.whatIfs(values, hasLeft)),
    worthByFilter: loaderByFilter((filter) => services.segments.worth(filter), hasLeft),
  };
}

export type Loaders = ReturnType<typeof createLoaders>;
