import { afterEach, describe, expect, it, vi } from 'vitest';
import { machine } from '../../../bench/quality/method-section.js';
import { findGpu } from '../../../src/ml/engine/gpu.js';

vi.mock('../../../src/ml/engine/gpu.js', () => ({ findGpu: vi.fn() }));

describe('the machine in a report', () => {
  afterEach(() => vi.resetAllMocks());

  it('has the GPU that ours trains on by default', () => {
    vi.mocked(findGpu).mockReturnValue('NVIDIA H100');
    expect(machine()).toMatch(/; NVIDIA H100\.$/);
  });

  it('has none where there is none', () => {
    expect(machine()).toMatch(/; no GPU\.$/);
  });
});
