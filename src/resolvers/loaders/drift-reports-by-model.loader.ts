import DataLoader from 'dataloader';
import type { DriftReport } from '../../entities/index.js';
import type { Services } from '../../services/create-services.js';

interface DriftReportsRequest {
  readonly modelId: string;
  readonly first: number;
}

/** A model's drift reports, newest first. */
export const createDriftReportsByModelLoader = ({ models }: Services) =>
  new DataLoader<DriftReportsRequest, DriftReport[], string>(
    async (requests) => {
      const modelIds = [...new Set(requests.map(({ modelId }) => modelId))];
      const reports = await models.driftReports(modelIds, Math.max(...requests.map(({ first }) => first)));
      return requests.map(({ modelId, first }) =>
        reports.filter((report) => report.modelId === modelId).slice(0, first),
      );
    },
    { cacheKeyFn: ({ modelId, first }) => `${modelId}/${first}` },
  );
