import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** Clock ticks a second in which Linux counts processor time: the same everywhere since 2.4. */
const TICKS = 100;

/** Fields of `/proc/<pid>/stat` after the command's name, which may hold spaces; the first is field 3 of proc(5). */
function fieldsOf(pid: number | 'self'): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
  } catch {
    return [];
  }
}

/** Processor seconds so far of all processes together; of this one, of its children that ended and of `pids`. */
function processorSeconds(pids: readonly number[]): { all: number; own: number } {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, stolen = 0] = readFileSync('/proc/stat', 'utf8')
    .slice(0, 200)
    .split('\n', 1)[0]!
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const self = fieldsOf('self');
  const ownTicks = [self[11], self[12], self[13], self[14], ...pids.flatMap((pid) => fieldsOf(pid).slice(11, 13))];
  return {
    all: (user + nice + system + irq + softIrq + stolen) / TICKS,
    own: ownTicks.reduce<number>((sum, ticks) => sum + (ticks ?? 0), 0) / TICKS,
  };
}

/**
 * Watches how much of the machine's processor time goes to others than this process and its children: a benchmark
 * that shares its cores measures the sharing. Linux only; elsewhere the share is 0.
 * @param pids children that go on running
 * @returns the share of all cores' time since the call, when called
 */
export function watchOthers(pids: readonly number[]): () => number {
  if (process.platform !== 'linux') return () => 0;
  const before = processorSeconds(pids);
  const started = performance.now();
  return () => {
    const after = processorSeconds(pids);
    const others = after.all - before.all - (after.own - before.own);
    const available = ((performance.now() - started) / 1_000) * cpus().length;
    return Math.max(0, others / available);
  };
}
