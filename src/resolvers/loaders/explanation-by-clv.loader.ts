import DataLoader from 'dataloader';
import type { ExplanationContent } from '../../ml/explain/explanation.js';
import type { CustomerClv } from '../../services/customer-clv.js';
import type { Services } from '../context.js';

/** By the value itself, so that what is explained is what was answered. */
export const createExplanationByClvLoader = ({ clv }: Services) =>
  new DataLoader<CustomerClv, ExplanationContent | null>((values) => clv.explain(values));
