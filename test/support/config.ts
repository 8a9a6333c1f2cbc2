import { type Config, loadConfig } from '../../src/config.js';

/** Settings of a test: nothing of the machine's or of an `.env`, and one thread of the CPU. */
export function testConfig(settings: NodeJS.ProcessEnv = {}): Config {
  return loadConfig({ CLVGRAPH_DEVICE: 'cpu', CLVGRAPH_THREADS: '1', ...settings }, '/nonexistent').config;
}
