import type { Logger } from 'pino';
import { type EngineStart, engineStarts, type Placement, placements } from '../ml/engine/engine-events.js';

/**
 * Does the work, and meanwhile logs which engine is used and where the nodes of its programs run. Nodes that do not run on the chosen
 * device are logged as a warning.
 */
export async function withEngineLog<T>(log: Logger, work: () => Promise<T>): Promise<T> {
  const onStart = (message: unknown): void => {
    const { description, refused } = message as EngineStart;
    log[refused.length > 0 ? 'warn' : 'info']({ engine: description, refused }, 'engine is ready');
  };
  const onPlacement = (message: unknown): void => {
    const placement = message as Placement;
    const isWhole = Object.keys(placement.onCpu).length === 0;
    log[isWhole ? 'info' : 'warn'](
      placement,
      isWhole ? 'program runs on the device' : 'program runs partly on the CPU',
    );
  };
  engineStarts.subscribe(onStart);
  placements.subscribe(onPlacement);
  try {
    return await work();
  } finally {
    engineStarts.unsubscribe(onStart);
    placements.unsubscribe(onPlacement);
  }
}
