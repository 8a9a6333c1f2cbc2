import DataLoader from 'dataloader';
import type { CustomerClv } from '../../services/predictions/customer-clv.js';
import type { WhatIf } from '../../services/explanations/what-ifs.service.js';
import type { Services } from '../services.js';

/** Keyed by the value itself, so that differences are from the answered value. */
export const createWhatIfsByClvLoader = ({ whatIfs }: Services, hasLeft: () => boolean) =>
  new DataLoader<CustomerClv, WhatIf[]>((values) => whatIfs.whatIfs(values, hasLeft));
