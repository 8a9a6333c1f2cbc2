import DataLoader from 'dataloader';
import type { ExplanationContent } from '../../ml/explain/explanation.js';
import type { ExplanationRequest } from '../../services/predictions/customer-clv.service.js';
import type { Services } from '../services.js';

/** Keyed by the value itself, so that the answered value is explained. */
export const createExplanationByClvLoader = ({ clv }: Services, hasLeft: () => boolean) =>
  new DataLoader<ExplanationRequest, ExplanationContent | null>((requests) => clv.explain(requests, hasLeft));
