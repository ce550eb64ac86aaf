import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { WatchDocument } from '../../../src/domain/watch/document.ts';
import { askWitness } from '../../../src/serve/ask-witness.ts';
import { serveWatch } from '../../../src/serve/watch-endpoint.ts';
import { watchDocument } from '../../fakes/watch-document.ts';

const LOOPBACK = { host: '127.0.0.1', port: 0 };
const fresh = (change: Partial<WatchDocument> = {}): WatchDocument =>
  watchDocument({ at: new Date().toISOString(), ...change });
const never = new AbortController().signal;

async function ask(url: string, init?: RequestInit): Promise<readonly [number, string]> {
  const response = await fetch(url, init);
  return [response.status, (await response.text()).trim()];
}

describe('serveWatch', () => {
  it('serves one check as metrics and as a document', async () => {
    const document = fresh({ witnesses: [{ url: 'http://b', view: 'down' }] });
    await using endpoint = await serveWatch(LOOPBACK, () => document);
    const [status, text] = await ask(`${endpoint.url}/metrics`);
    expect(status).toBe(200);
    expect(text).toContain('kmk_cluster_up{cluster="dr"} 1');
    expect(text).toContain('kmk_flow_lag_records{source="primary",target="dr"} 3');
    expect(text).toContain('kmk_flow_heartbeat_age_seconds{source="primary",target="dr"} 0.8');
    expect(text).toContain('kmk_watch_state{state="healthy"} 1');
    expect(text).toContain('kmk_watch_witness_sees_down{url="http://b"} 1');
    expect(JSON.parse((await ask(`${endpoint.url}/active`))[1])).toEqual({
      ...{ project: document.project, active: document.active, epoch: document.epoch, at: document.at },
    });
    // Unknown is no series, not zero.
    expect(text).not.toMatch(/^kmk_flow_checkpoint_age_seconds/m);
    expect(JSON.parse((await ask(`${endpoint.url}/status?pretty`))[1])).toEqual(document);
  });

  it('is live while checks are made, and ready while a failover is possible', async () => {
    let latest: WatchDocument | null = null;
    await using endpoint = await serveWatch(LOOPBACK, () => latest);
    const health = async (): Promise<unknown> => [
      (await ask(`${endpoint.url}/health/live`))[0],
      ...(await ask(`${endpoint.url}/health/ready`)),
    ];
    await expect(health()).resolves.toEqual([200, 503, 'no check yet']);
    latest = fresh();
    await expect(health()).resolves.toEqual([200, 200, 'ok']);
    latest = fresh({ state: 'failed-over', active: 'dr' });
    await expect(health()).resolves.toEqual([200, 503, expect.stringContaining('"dr" was promoted') as string]);
    latest = watchDocument();
    await expect(health()).resolves.toEqual([503, 503, 'the last check is too long ago']);
  });

  it('answers nothing else, and only reads', async () => {
    await using endpoint = await serveWatch(LOOPBACK, () => fresh());
    await expect(ask(`${endpoint.url}/`)).resolves.toEqual([404, expect.stringContaining('/metrics') as string]);
    await expect(ask(`${endpoint.url}/status`, { method: 'POST' })).resolves.toEqual([405, 'only GET']);
  });

  it('names the address that is taken', async () => {
    await using first = await serveWatch(LOOPBACK, () => null);
    const port = Number(new URL(first.url).port);
    await expect(serveWatch({ ...LOOPBACK, port }, () => null)).rejects.toMatchObject({
      code: 'KMK_ENV_PORT_TAKEN',
      message: expect.stringContaining(`127.0.0.1:${port}`) as string,
    });
  });
});

describe('askWitness', () => {
  it("reads another watch's last check", async () => {
    const document = fresh();
    await using endpoint = await serveWatch(LOOPBACK, () => document);
    await expect(askWitness(endpoint.url, 2000, never)).resolves.toEqual(document);
  });

  it.each([
    '{',
    'null',
    '{"schema":"kmk.status/v1"}',
    '{"schema":"kmk.watch/v1","at":"x"}',
    '{"schema":"kmk.watch/v1","at":"x","clusters":[null]}',
    `"${'x'.repeat(2_000_000)}"`,
  ])('takes no answer from something else (%.30s)', async (text) => {
    const server = createServer((_request, response) => void response.end(text));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(askWitness(url, 2000, never)).resolves.toBeNull();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('takes no answer from nobody, or from one that does not answer in time', async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(askWitness(url, 20, never)).resolves.toBeNull();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(askWitness(url, 2000, never)).resolves.toBeNull();
  });
});
