import { afterEach, describe, expect, it } from 'vitest';
import { flow } from '../../../scripts/examples.ts';
import { resumeConnectors } from '../../../src/app/replicate/flow-connectors.ts';
import type { Lab } from '../../../src/app/lab/lab.ts';
import { systemClock } from '../../../src/composition/system.ts';
import { createConnectApi } from '../../../src/connect/rest-client.ts';
import { connectorName } from '../../../src/domain/lab/connect-config.ts';
import type { StatusDocument } from '../../../src/domain/documents.ts';
import { fakeLab } from '../../fakes/lab.ts';
import { document } from '../commands/kmk.ts';

/** A flow besides the lab's own: its heartbeats go where the others' go. */
const SPARE = flow('spare', 'dr');
const NAME = connectorName(SPARE, 'heartbeat');

async function connect() {
  const { services } = (await document('status')) as StatusDocument;
  return createConnectApi(`http://${services.find(({ name }) => name === 'dr-connect')?.endpoint ?? ''}`);
}

describe('connectors of a flow', () => {
  afterEach(async () => {
    await (await connect()).delete(NAME);
  });

  it('are resumed also where Connect does not know their state yet, because they have just been created', async () => {
    const api = await connect();
    const base = fakeLab();
    const lab: Lab = { ...base, tools: { ...base.tools, clock: systemClock, connect: () => api } };
    const like = await api.config(connectorName(flow('primary', 'dr'), 'heartbeat'));
    await api.create(NAME, { ...like, name: NAME, 'source.cluster.alias': 'spare' }, 'STOPPED');
    await resumeConnectors(lab, SPARE, ['heartbeat'], AbortSignal.timeout(30_000));
    expect(await api.report(NAME)).toMatchObject({ state: 'RUNNING', tasks: [{ state: 'RUNNING' }] });
  });
});
