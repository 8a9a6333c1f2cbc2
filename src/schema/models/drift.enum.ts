import { registerEnumType } from 'type-graphql';
import { driftStates } from '../../ml/training/population-stability.js';
import { enumOf } from '../enum-of.js';

export const DriftStateEnum = enumOf(driftStates);

registerEnumType(DriftStateEnum, {
  name: 'DriftState',
  valuesConfig: {
    STABLE: { description: 'Index below 0.1, or no larger than chance makes it with so few customers.' },
    MODERATE: { description: 'Index from 0.1: watch it.' },
    SIGNIFICANT: { description: 'Index from 0.25: retrain.' },
  },
});
