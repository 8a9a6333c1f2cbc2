import { describe, expect, it } from 'vitest';
import { cpuEngine } from '../support.js';

const megabytes = 64;
const held = () => process.memoryUsage().arrayBuffers / 2 ** 20;
const canTransfer = 'transfer' in ArrayBuffer.prototype;

describe('a tensor of the onnx engine', () => {
  it.skipIf(!canTransfer)(
    'gives its memory back when it is disposed of, not when the garbage collector comes',
    async () => {
      const engine = cpuEngine();
      const data = new Float32Array((megabytes * 2 ** 20) / 4);
      const tensor = engine.upload({ shape: [data.length], dtype: 'float32', data });
      const before = held();
      tensor.dispose();
      expect(before - held()).toBeGreaterThan(megabytes - 1);
      expect(data).toHaveLength((megabytes * 2 ** 20) / 4);
      await engine.dispose();
    },
  );
});
