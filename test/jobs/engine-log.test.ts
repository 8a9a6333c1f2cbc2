import { pino } from 'pino';
import { expect, it } from 'vitest';
import { withEngineLog } from '../../src/jobs/engine-log.js';
import { engineStarts, placements } from '../../src/ml/engine/engine-events.js';

it('writes to the log of the run what its engine does, and warns of what was not done on the device', async () => {
  const lines: string[] = [];
  const log = pino({ base: { run: '7' }, timestamp: false }, { write: (line: string) => void lines.push(line) });
  const placement = { engine: 'WebGPU', nodes: { WebGpuExecutionProvider: 2 }, onCpu: {}, copies: 0 };
  await withEngineLog(log, async () => {
    engineStarts.publish({ description: 'CPU', refused: ['webgpu failed: no adapter'] });
    placements.publish(placement);
    placements.publish({ ...placement, onCpu: { Sign: 1 } });
  });
  placements.publish(placement);
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { level: 40, run: '7', engine: 'CPU', refused: ['webgpu failed: no adapter'], msg: 'engine is ready' },
    { level: 30, run: '7', ...placement, msg: 'program runs on the device' },
    { level: 40, run: '7', ...placement, onCpu: { Sign: 1 }, msg: 'program runs partly on the CPU' },
  ]);
});
