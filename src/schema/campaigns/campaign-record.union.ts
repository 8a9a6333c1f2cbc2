import { createUnionType } from 'type-graphql';
import { CampaignType } from './campaign-record.type.js';
import {
  ConflictErrorType,
  memberOf,
  ModelNotReadyErrorType,
  NotFoundErrorType,
  type ErrorResultCode,
} from '../error-result.type.js';

/** Codes of the failures that are members of `CampaignResult`. */
export const campaignErrors = ['NOT_FOUND', 'CONFLICT', 'MODEL_NOT_READY'] as const satisfies ErrorResultCode[];

export const CampaignResultUnion = createUnionType({
  name: 'CampaignResult',
  description:
    'The campaign as it is now, or was, when it is deleted; NOT_FOUND where there is none, or no such segment; CONFLICT ' +
    'where its name is taken, where a group has fewer than two customers, and where orders of customers are in more than ' +
    'one currency.',
  types: () => [CampaignType, NotFoundErrorType, ConflictErrorType, ModelNotReadyErrorType] as const,
  resolveType: memberOf('Campaign'),
});
