import { registerEnumType } from 'type-graphql';
import { behaviorEventTypes } from '../entities/index.js';
import { enumOf } from './enum-of.js';

export const BehaviorEventTypeEnum = enumOf(behaviorEventTypes);

registerEnumType(BehaviorEventTypeEnum, { name: 'BehaviorEventType' });
