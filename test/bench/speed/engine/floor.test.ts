import { expect, it } from 'vitest';
import { numericFeatures } from '../../../../bench/speed/engine/customers.js';
import { forwardOperations } from '../../../../bench/speed/engine/floor.js';
import { sizeOf } from '../../../../src/ml/engine/shapes.js';
import { addedShapes } from '../../../../src/ml/model/weights.js';
import { tinyModel } from '../../../ml/model/support.js';

it('the floor of a step has the head that the model has', () => {
  const head = addedShapes({ ...tinyModel, numericFeatures })['head.dense.weight']!;
  expect(forwardOperations({ ...tinyModel.encoder, layers: 0 }, 32)).toBe(2 * sizeOf(head));
});
