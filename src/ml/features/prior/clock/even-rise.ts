import type { PaceChange } from './shop-clock.js';

/** Days by which its begin and end are moved, and the factor by which it is made larger or smaller, in search of the likeliest. */
const moves: readonly number[] = [56, 28, 14, 7];
const times = 2 ** 0.25;
/** How often customers bought before it, at least, as a part of how often since. */
const leastBefore = 1 / 16;
/** In nats: what the one parameter more must gain. */
const leastGain = 3;

/**
 * A rise that goes on evenly for some time, where that is likelier than one at once: half-way through it customers buy less often than
 * they will, and a step somewhere in its midst would expect as little of them.
 *
 * @param step the likeliest rise at once, to begin with
 * @param logLikelihood of the purchases by calendar day, in nats
 * @param history in days since 1970-01-01: it rises from its begin on at most, and not beyond its end
 */
export function likelierEvenRise(
  step: PaceChange,
  logLikelihood: (pace: PaceChange) => number,
  history: { readonly from: number; readonly to: number },
): PaceChange {
  const ofStep = logLikelihood(step);
  let best = { pace: { ...step, until: step.day }, logLikelihood: ofStep };
  for (const days of moves) {
    for (let moved = true; moved;) {
      const { day, before, until } = best.pace;
      const later = Math.min(until + days, history.to);
      const tried = [
        { day: day - days, before, until: later },
        { day: day - days, before: before / times, until: later },
        { day: day - days, before, until },
        { day, before, until: later },
        { day, before: before / times, until: later },
        { day: day + days, before, until },
        { day, before, until: until - days },
        { day, before: before / times, until },
        { day, before: before * times, until },
      ].filter(
        (pace) => pace.until > pace.day && pace.day >= history.from && pace.before >= leastBefore && pace.before < 1,
      );
      const likeliest = tried
        .map((pace) => ({ pace, logLikelihood: logLikelihood(pace) }))
        .reduce((most, each) => (each.logLikelihood > most.logLikelihood ? each : most), best);
      moved = likeliest !== best;
      best = likeliest;
    }
  }
  return best.logLikelihood - ofStep >= leastGain ? best.pace : step;
}
