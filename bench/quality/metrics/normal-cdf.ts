import { polynomial } from '../../../src/math.js';

/** P(Z <= x) for a standard normal Z, to 1e-15 (Hart 1968, as given by West, "Better approximations", 2005). */
export function normalCdf(x: number): number {
  const z = Math.abs(x);
  const tail = z > 37 ? 0 : Math.exp((-z * z) / 2) * (z < 7.07106781186547 ? hartRatio(z) : millsRatio(z));
  return x > 0 ? 1 - tail : tail;
}

function hartRatio(z: number): number {
  return polynomial(z, hartNumerator) / polynomial(z, hartDenominator);
}

/** Laplace's continued fraction for the upper tail over the density's exponential. */
function millsRatio(z: number): number {
  return 1 / (z + 1 / (z + 2 / (z + 3 / (z + 4 / (z + 0.65))))) / 2.5066282746310007;
}

const hartNumerator = [
  220.206867912376, 221.213596169931, 112.079291497871, 33.912866078383, 6.37396220353165, 0.700383064443688,
  0.0352624965998911,
];
const hartDenominator = [
  440.413735824752, 793.826512519948, 637.333633378831, 296.564248779674, 86.7807322029461, 16.064177579207,
  1.75566716318264, 0.0883883476483184,
];
