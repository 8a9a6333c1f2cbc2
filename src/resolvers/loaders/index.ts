import type { AnswerBudget } from '../../services/largest-answer.js';
import type { Services } from '../services.js';
import { createAdviceByModelLoader } from './advice-by-model.loader.js';
import { createClvByCustomerAndHorizonLoader } from './clv-by-customer-and-horizon.loader.js';
import { createDriftReportsByModelLoader } from './drift-reports-by-model.loader.js';
import { createEventsByCustomerLoader } from './events-by-customer.loader.js';
import { createExplanationByClvLoader } from './explanation-by-clv.loader.js';
import { createHistoryByClvLoader } from './history-by-clv.loader.js';
import { createLinesByOrderLoader } from './lines-by-order.loader.js';
import { loaderByFilter } from './loader-by-filter.js';
import { loaderByCustomer, loaderById, loaderByRun } from './loader-by-id.js';
import { createMembersBySegmentLoader } from './members-by-segment.loader.js';
import { createOrdersByCustomerLoader } from './orders-by-customer.loader.js';
import { createSegmentsByCustomerLoader } from './segments-by-customer.loader.js';
import { createSummaryByCustomerLoader } from './summary-by-customer.loader.js';
import { createWhatIfsByClvLoader } from './what-ifs-by-clv.loader.js';

/**
 * A set of loaders per request, and a new one after each mutation and for each event, so that nothing is shared between callers or out of
 * date.
 * @param budget of the request, shared by all its sets
 * @param hasLeft whether the client has left: then nothing slow is begun. Not given after a mutation, since the document may have more
 */
export function createLoaders(services: Services, budget: AnswerBudget, hasLeft = () => false) {
  return {
    adviceByModel: createAdviceByModelLoader(services),
    apiKeyById: loaderById((ids) => services.apiKeys.findMany(ids)),
    clvChangeByCustomer: loaderByCustomer((ids) => services.customers.findClvChanges(ids)),
    clvByCustomerAndHorizon: createClvByCustomerAndHorizonLoader(services),
    customerById: loaderById((ids) => services.customers.findMany(ids)),
    driftReportsByModel: createDriftReportsByModelLoader(services),
    eventsByCustomer: createEventsByCustomerLoader(services, budget),
    explanationByClv: createExplanationByClvLoader(services, hasLeft),
    historyByClv: createHistoryByClvLoader(services),
    linesByOrder: createLinesByOrderLoader(services, budget),
    membersBySegment: createMembersBySegmentLoader(services, budget),
    modelById: loaderById((ids) => services.models.findMany(ids)),
    modelByRun: loaderByRun((ids) => services.models.madeBy(ids)),
    ordersByCustomer: createOrdersByCustomerLoader(services),
    personalDataByCustomer: loaderByCustomer((ids) => services.customers.findPersonalData(ids)),
    segmentById: loaderById((ids) => services.segments.findMany(ids)),
    segmentsByCustomer: createSegmentsByCustomerLoader(services),
    snapshotById: loaderById((ids) => services.snapshots.findMany(ids)),
    snapshotByRun: loaderByRun((ids) => services.snapshots.madeBy(ids)),
    spentByFilter: loaderByFilter((filter) => services.segments.spent(filter), hasLeft),
    summaryByCustomer: createSummaryByCustomerLoader(services),
    whatIfsByClv: createWhatIfsByClvLoader(services, hasLeft),
    worthByFilter: loaderByFilter((filter) => services.segments.worth(filter), hasLeft),
  };
}

export type Loaders = ReturnType<typeof createLoaders>;
