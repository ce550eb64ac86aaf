import type { Clock, Random } from '../app/ports/clock.ts';
import type { FaultInjector, InjectedFault } from '../app/ports/fault-injector.ts';
import type { ServiceInfo, ServiceRuntime } from '../app/ports/service-runtime.ts';
import type { Fault } from '../domain/fault.ts';
import { covers, refuseImpossible } from '../domain/fault.ts';
import type { FaultRecord } from './fault-records.ts';
import { FaultRecords } from './fault-records.ts';

/** A graceful stop flushes; a broker that hangs is killed after this. */
const STOP_GRACE_MS = 15_000;

export interface FaultInjectorOptions {
  /** Folder of the records of faults in force. */
  readonly recordDir: string;
  readonly runtime: ServiceRuntime;
  readonly clock: Clock;
  readonly random: Random;
}

/** Faults in terms of what any runtime can do to a service. */
export function createFaultInjector({ recordDir, runtime, clock, random }: FaultInjectorOptions): FaultInjector {
  const records = new FaultRecords(recordDir);
  const injected = (record: FaultRecord): InjectedFault => ({
    fault: record.fault,
    services: record.services,
    async heal(signal) {
      await undo(runtime, record, signal);
      await records.remove(record.id);
    },
    async lift() {
      // Whatever is started next must find its network.
      if (record.fault.kind === 'partition') await Promise.all(record.services.map((name) => runtime.reconnect(name)));
      await records.remove(record.id);
    },
  });
  return {
    async inject(fault, signal) {
      const hit = (await runtime.list()).filter((service) => isHit(fault, service));
      const services = hit.map(({ name }) => name);
      const record = { id: `${clock.now()}-${random.id(6)}`, fault, services };
      signal.throwIfAborted();
      refuseImpossible(fault.kind, runtime.name);
      if (services.length === 0) return injected(record);
      await records.add(record);
      const last = hit.filter(({ kind }) => kind === 'zookeeper').map(({ name }) => name);
      await Promise.all(services.filter((name) => !last.includes(name)).map((name) => strike(runtime, fault, name)));
      // A broker takes its leave of it.
      await Promise.all(last.map((name) => strike(runtime, fault, name)));
      // Over by itself: what is left is to start them again.
      if (fault.kind === 'restart') await injected(record).heal(signal);
      return injected(record);
    },
    async active() {
      return (await records.list()).map(injected);
    },
  };
}

function isHit(fault: Fault, service: ServiceInfo): boolean {
  const alive = service.state === 'running' || (service.state === 'frozen' && fault.kind !== 'freeze');
  return alive && service.cluster === fault.cluster && covers(fault, service);
}

async function strike(runtime: ServiceRuntime, { kind }: Fault, name: string): Promise<void> {
  switch (kind) {
    case 'kill':
      return runtime.kill(name);
    case 'freeze':
      return runtime.freeze(name);
    case 'partition':
      return runtime.disconnect(name);
    case 'stop':
    case 'restart':
      return runtime.stop(name, { graceMs: STOP_GRACE_MS });
  }
}

/** Thaws what is frozen and starts what has ended; what somebody else brought back meanwhile is left alone. */
async function undo(runtime: ServiceRuntime, record: FaultRecord, signal: AbortSignal): Promise<void> {
  const states = new Map((await runtime.list()).map(({ name, state }) => [name, state]));
  await Promise.all(
    record.services.map(async (name) => {
      const state = states.get(name);
      if (record.fault.kind === 'partition') return runtime.reconnect(name);
      if (state === 'frozen') await runtime.thaw(name);
      if (state === 'stopped' || state === 'exited') await runtime.startAgain(name, signal);
    }),
  );
}
