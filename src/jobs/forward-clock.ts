import { type Clock, systemClock } from 'pg-boss';

/** The largest lead of the machine's clock over the monotonic one. */
let offset = -Infinity;

/** The machine's clock, but never set back: otherwise pg-boss's timers would wait until it has reached its earlier time again. */
export const forwardClock: Clock = {
  ...systemClock,
  now: () => {
    const running = performance.now();
    offset = Math.max(offset, Date.now() - running);
    return running + offset;
  },
};
