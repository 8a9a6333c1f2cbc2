import { createUnionType } from 'type-graphql';
import { ConflictErrorType, memberOf, NotFoundErrorType, type ErrorResultCode } from '../error-result.type.js';
import { SegmentType } from './segment.type.js';

/** Codes of the failures that are members of `SegmentResult`. */
export const segmentErrors = ['NOT_FOUND', 'CONFLICT'] as const satisfies ErrorResultCode[];

export const SegmentResultUnion = createUnionType({
  name: 'SegmentResult',
  description: 'The segment as it is now (or was, when it is deleted); a CONFLICT where its name is taken.',
  types: () => [SegmentType, NotFoundErrorType, ConflictErrorType] as const,
  resolveType: memberOf('Segment'),
});
