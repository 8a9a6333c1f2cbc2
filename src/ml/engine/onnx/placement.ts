import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InferenceSession } from 'onnxruntime-node';
import { type Placement, placements } from '../engine-events.js';

/** Records the first run of a session on an accelerator; afterwards the session runs unobserved, at full speed. */
export class PlacementProbe {
  private readonly folder = mkdtempSync(join(tmpdir(), 'clvgraph-placement-'));
  private isOpen = true;

  /** @param engine its description */
  constructor(private readonly engine: string) {}

  /** What the session must be created with. */
  get options(): InferenceSession.SessionOptions {
    return { enableProfiling: true, profileFilePrefix: join(this.folder, 'profile') };
  }

  /** Stops the recording and publishes what it holds. Later calls do nothing. */
  publish(session: InferenceSession): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    session.endProfiling();
    const [file] = readdirSync(this.folder);
    if (file !== undefined) placements.publish(placementOf(this.engine, readFileSync(join(this.folder, file), 'utf8')));
    this.remove();
  }

  /** Removes the recording. To be called after the session was released, which writes it. */
  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  readonly args: { readonly op_name?: string; readonly provider?: string };
}

/** @param profile JSON of ONNX Runtime's profiler: an event for each node that ran */
function placementOf(engine: string, profile: string): Placement {
  const nodes: Record<string, number> = {};
  const onCpu: Record<string, number> = {};
  let copies = 0;
  for (const { cat, name, args } of JSON.parse(profile) as ProfileEvent[]) {
    const { provider, op_name: operator } = args;
    if (cat !== 'Node' || !name.endsWith('_kernel_time') || !provider || !operator) continue;
    nodes[provider] = (nodes[provider] ?? 0) + 1;
    if (operator.startsWith('Memcpy')) copies += 1;
    else if (provider === 'CPUExecutionProvider') onCpu[operator] = (onCpu[operator] ?? 0) + 1;
  }
  return { engine, nodes, onCpu, copies };
}
