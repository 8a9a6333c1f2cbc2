import { expect, it } from 'vitest';
import { solve } from '../../../../../src/ml/features/prior/fitting/solve.js';

it('solves linear equations', () => {
  const matrix = [
    [4, 1, -2],
    [1, 3, 0.5],
    [-2, 0.5, 5],
  ];
  const solution = [1.5, -2, 0.25];
  const right = Float64Array.from(matrix, (row) => row.reduce((sum, each, i) => sum + each * solution[i]!, 0));
  const found = solve(
    matrix.map((row) => Float64Array.from(row)),
    right,
  );
  found.forEach((each, i) => expect(each).toBeCloseTo(solution[i]!, 12));
});
