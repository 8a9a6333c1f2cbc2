import { type Clock, systemClock } from 'pg-boss';

/** How far the machine's clock has been ahead of the one that nobody sets. */
let offset = -Infinity;

/** The machine's clock, but never set back: pg-boss's timers would wait until it is where it was. */
export const forwardClock: Clock = {
  ...systemClock,
  now: () => {
    const running = performance.now();
    offset = Math.max(offset, Date.now() - running);
    return running + offset;
  },
};
