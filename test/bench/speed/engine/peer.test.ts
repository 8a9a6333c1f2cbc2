import { describe, expect, it } from 'vitest';
import { Peer } from '../../../../bench/speed/engine/peer.js';

describe('the other side of a comparison', () => {
  it('that ends before it is asked, as without a package, is told and can be closed', async () => {
    // Node knows no such file, and ends.
    const peer = new Peer(1, { program: process.execPath, script: 'no-such-file.py', environment: {} });
    for (let asked = 0; asked < 3; asked++) {
      await expect(peer.ask({ do: 'versions' })).rejects.toThrow('The PyTorch side ended');
    }
    await peer.close();
  });
});
