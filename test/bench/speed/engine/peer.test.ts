import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { checkPython, Peer } from '../../../../bench/speed/engine/peer.js';
import { useWorkingFolder } from '../../../support/working-folder.js';

describe('the Python environment', () => {
  useWorkingFolder();

  const python = 'env/bin/python';
  const check = () => checkPython(python, 'listed.txt');

  it('is told how to be made where it is missing', () => {
    expect(check).toThrow(`${python} is missing. Make it: python3 -m venv env && env/bin/pip install -r listed.txt`);
  });

  it('is told which packages it lacks, as where another benchmark has made it', async () => {
    await mkdir('env/bin', { recursive: true });
    // It finds nothing but numpy.
    await writeFile(python, '#!/bin/sh\nshift 2\nfor name; do [ "$name" = numpy ] || echo "$name"; done\n');
    await chmod(python, 0o755);
    await writeFile('listed.txt', '# Python 3.11.\nfastapi==0.165.0\nnumpy==2.4.6\npsycopg[binary]==3.3.9\n');
    expect(check).toThrow(`${python} lacks fastapi, psycopg. Add what is missing: env/bin/pip install -r listed.txt`);
    await writeFile('listed.txt', 'numpy==2.4.6\n');
    expect(check).not.toThrow();
  });
});

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
