import { describe, expect, it } from 'vitest';
import { CopyBuffer } from '../../../../src/services/ingestion/staging/copy-buffer.js';

describe('a buffer for COPY', () => {
  it('grows for what it is given, whatever the script', () => {
    const buffer = new CopyBuffer();
    const texts = ['a'.repeat(300_000), 'é'.repeat(200_000), '馬'.repeat(700_000)];
    for (const text of texts) buffer.append(text);
    expect(buffer.take().toString() === texts.join('')).toBe(true);
  });

  it('leaves what was taken alone, and begins anew', () => {
    const buffer = new CopyBuffer();
    buffer.append('first');
    const first = buffer.take();
    buffer.append('other');
    expect(first.toString()).toBe('first');
    expect(buffer.take().toString()).toBe('other');
    expect(buffer.take()).toHaveLength(0);
  });
});
