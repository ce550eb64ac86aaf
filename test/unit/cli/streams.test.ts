import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createTextOut, flushed } from '../../../src/cli/streams.ts';

function failing(code: string): Writable {
  return new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code })),
  });
}

describe('createTextOut', () => {
  it('waits while the stream is full', async () => {
    const waiting: (() => void)[] = [];
    const slow = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => void waiting.push(done) });
    const out = createTextOut(slow);
    let written = false;
    const write = out.write('long text').then(() => (written = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(written).toBe(false);
    waiting.shift()?.();
    await write;
    expect(written).toBe(true);
  });

  it('ignores what is written after the reader has gone', async () => {
    const out = createTextOut(failing('EPIPE'));
    await out.write('a');
    await new Promise((resolve) => setImmediate(resolve));
    expect(out.closed.aborted).toBe(true);
    await out.write('b');
  });

  it('reports other failures at the next write', async () => {
    const out = createTextOut(failing('ENOSPC'));
    await out.write('a');
    await new Promise((resolve) => setImmediate(resolve));
    await expect(out.write('b')).rejects.toMatchObject({ code: 'ENOSPC' });
  });

  it('flushes a stream that is gone at once', async () => {
    const stream = failing('EPIPE');
    stream.destroy();
    await flushed(stream);
  });
});
