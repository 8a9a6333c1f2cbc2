import { readResults } from '../results.js';
import type { EngineResults } from './measures.js';

export async function section(): Promise<string> {
  const results = await readResults<EngineResults>('engine');
  return results ? '## Engine' : '## Engine\n\nNot measured yet: `npm run bench:speed -- engine`.';
}
