import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WatchDocument } from '../../src/domain/watch/document.ts';
import { untilTrue } from '../helpers/journal-watch.ts';
import type { KmkProcess } from '../helpers/kmk-lab.ts';
import { KmkLab } from '../helpers/kmk-lab.ts';

const CHECKS = 3;
let lab: KmkLab;

beforeAll(async () => {
  lab = await KmkLab.create();
  await lab.ok('deploy');
  await lab.ok('produce', '--topic', 'orders', '--messages', '30');
  await lab.ok('consume', '--topic', 'orders', '--group', 'billing', '--messages', '10');
});
afterAll(() => lab[Symbol.asyncDispose]());

const documents = (watch: KmkProcess): readonly WatchDocument[] =>
  watch
    .output()
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as WatchDocument);

/** The first document from `from` on that the condition holds for; the documents up to it. */
async function until(
  watch: KmkProcess,
  from: number,
  condition: (document: WatchDocument) => boolean,
): Promise<readonly WatchDocument[]> {
  const there = await untilTrue(watch, () => documents(watch).slice(from).some(condition));
  expect(there, `${watch.progress()}${watch.output().slice(-2000)}`).toBe(true);
  const all = documents(watch);
  return all.slice(from, all.findIndex((document, index) => index >= from && condition(document)) + 1);
}

async function served(watch: KmkProcess): Promise<string> {
  await untilTrue(watch, () => watch.progress().includes('serving http'));
  return /serving (http:\/\/[\d.:]+)\//.exec(watch.progress())?.[1] ?? '';
}

async function ask(url: string): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(url);
  return { status: response.status, text: await response.text() };
}

test('a watch with a witness: seen from outside, no failover from a source that comes back, one from a dead one', async () => {
  const witness = lab.start(['watch', '--listen', '0', '-o', 'jsonl']);
  const witnessUrl = await served(witness);
  const armed = ['watch', '--auto-failover', '--yes', '--checks', String(CHECKS), '--witness', witnessUrl];
  const watch = lab.start([...armed, '--listen', '0', '-o', 'jsonl']);
  const url = await served(watch);
  await until(watch, 0, ({ state, flow }) => state === 'healthy' && flow.heartbeatAgeMs !== null);
  await until(witness, 0, ({ state }) => state === 'healthy');

  await expect(ask(`${url}/health/live`)).resolves.toEqual({ status: 200, text: 'ok\n' });
  await expect(ask(`${url}/health/ready`)).resolves.toEqual({ status: 200, text: 'ok\n' });
  const metrics = await ask(`${url}/metrics`);
  expect(metrics.text).toContain('kmk_cluster_up{cluster="primary"} 1');
  expect(metrics.text).toMatch(/^kmk_flow_heartbeat_age_seconds\{source="primary",target="dr"\} [\d.]+$/m);
  expect(JSON.parse((await ask(`${witnessUrl}/status`)).text)).toMatchObject({
    ...{ schema: 'kmk.watch/v1', active: 'primary', armed: false, state: 'healthy' },
  });

  // Frozen until a check fails, then back: suspicion ends, and more is asked for the next time.
  const broker = await lab.pidOf('primary-broker-1');
  const frozenAt = documents(watch).length;
  process.kill(broker, 'SIGSTOP');
  const suspected = await until(watch, frozenAt, ({ failedChecks }) => failedChecks === 1);
  process.kill(broker, 'SIGCONT');
  const recovered = await until(watch, frozenAt + suspected.length, ({ failedChecks }) => failedChecks === 0);
  expect([...suspected, ...recovered].map(({ active }) => active)).not.toContain('dr');
  await until(witness, documents(witness).length, ({ failedChecks }) => failedChecks === 0);

  const killedFrom = documents(watch).length;
  process.kill(broker, 'SIGKILL');
  const over = await until(watch, killedFrom, ({ state }) => state === 'failed-over');
  const dead = over.find(({ state }) => state === 'dead');
  expect(dead).toMatchObject({ active: 'primary', neededChecks: 2 * CHECKS, witnesses: [{ view: 'down' }] });
  expect(over.at(-1)).toMatchObject({ active: 'dr', epoch: 2, failover: { refused: null } });
  const runId = over.at(-1)?.failover.runId ?? '';
  expect(JSON.parse(await lab.read(`runs/${runId}/result.json`))).toMatchObject({
    ...{ schema: 'kmk.failover/v1', kind: 'failover', simulated: false, from: 'primary', to: 'dr', verdict: 'pass' },
  });
  await expect(ask(`${url}/health/ready`)).resolves.toMatchObject({
    status: 503,
    text: expect.stringContaining('"dr"') as string,
  });
  expect((await lab.json('produce', '--topic', 'orders', '--messages', '3'))['cluster']).toBe('dr');

  for (const process_ of [watch, witness]) {
    process_.child.kill('SIGINT');
    expect((await process_.ended).exitCode).toBe(130);
  }
});
