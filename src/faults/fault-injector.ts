import type { Clock, Random } from '../app/ports/clock.ts';
import type { FaultInjector, InjectedFault } from '../app/ports/fault-injector.ts';
import type { ServiceInfo, ServiceRuntime } from '../app/ports/service-runtime.ts';
import type { Fault } from '../domain/fault.ts';
import { KmkError } from '../domain/errors.ts';
import { covers, isNetworkFault } from '../domain/fault.ts';
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

/** Faults in terms of what any runtime can do to a service or to the network. */
export function createFaultInjector({ recordDir, runtime, clock, random }: FaultInjectorOptions): FaultInjector {
  const records = new FaultRecords(recordDir);
  /** Lays what is recorded on the network, but for one that is about to end. */
  const shape = async (signal: AbortSignal, ending?: FaultRecord): Promise<void> => {
    const inForce = (await records.list()).filter(({ id, fault }) => id !== ending?.id && isNetworkFault(fault));
    await runtime.shapeNetwork(
      inForce.map(({ fault }) => fault),
      signal,
    );
  };
  const injected = (record: FaultRecord): InjectedFault => ({
    fault: record.fault,
    services: record.services,
    async heal(signal) {
      await (isNetworkFault(record.fault) ? shape(signal, record) : undo(runtime, record, signal));
      await records.remove(record.id);
    },
    async lift(signal) {
      // Whatever is started next must find its network, and room.
      if (isNetworkFault(record.fault)) await shape(signal, record);
      if (record.fault.kind === 'disk-full') await freeDisks(runtime, record, signal);
      await records.remove(record.id);
    },
  });
  return {
    async inject(fault, signal) {
      const hit = (await runtime.list()).filter((service) => isHit(fault, service));
      const services = hit.map(({ name }) => name);
      const record = { id: `${clock.now()}-${random.id(6)}`, fault, services };
      signal.throwIfAborted();
      if (services.length === 0) return injected(record);
      await records.add(record);
      try {
        await (isNetworkFault(fault) ? shape(signal) : strikeAll(runtime, fault, hit, signal));
      } catch (error) {
        // What cannot be done here was not done to anything: there is nothing to heal.
        if (KmkError.is(error) && error.code === 'KMK_ENV_RUNTIME') await records.remove(record.id);
        throw error;
      }
      // Over by itself: what is left is to start them again.
      if (fault.kind === 'restart') await injected(record).heal(signal);
      return injected(record);
    },
    async active() {
      return (await records.list()).map(injected);
    },
  };
}

async function strikeAll(
  runtime: ServiceRuntime,
  fault: Fault,
  hit: readonly ServiceInfo[],
  signal: AbortSignal,
): Promise<void> {
  const first = hit.filter(({ kind }) => kind !== 'zookeeper');
  await Promise.all(first.map(({ name }) => strike(runtime, fault, name, signal)));
  // A broker takes its leave of it.
  const last = hit.filter(({ kind }) => kind === 'zookeeper');
  await Promise.all(last.map(({ name }) => strike(runtime, fault, name, signal)));
}

function isHit(fault: Fault, service: ServiceInfo): boolean {
  const alive = service.state === 'running' || (service.state === 'frozen' && fault.kind !== 'freeze');
  const fits = fault.kind !== 'disk-full' || service.kind === 'broker';
  return alive && fits && service.cluster === fault.cluster && covers(fault, service);
}

async function strike(runtime: ServiceRuntime, { kind }: Fault, name: string, signal: AbortSignal): Promise<void> {
  switch (kind) {
    case 'kill':
      return runtime.kill(name);
    case 'freeze':
      return runtime.freeze(name);
    case 'stop':
    case 'restart':
      return runtime.stop(name, { graceMs: STOP_GRACE_MS });
    case 'disk-full':
      return runtime.fillDisk(name, signal);
    case 'partition':
    case 'latency':
    case 'loss':
      throw new Error(`${kind} is the network's`);
  }
}

/** Frees disks, thaws what is frozen and starts what has ended; what somebody else brought back meanwhile is left alone. */
async function undo(runtime: ServiceRuntime, record: FaultRecord, signal: AbortSignal): Promise<void> {
  if (record.fault.kind === 'disk-full') await freeDisks(runtime, record, signal);
  const states = new Map((await runtime.list()).map(({ name, state }) => [name, state]));
  await Promise.all(
    record.services.map(async (name) => {
      const state = states.get(name);
      if (state === 'frozen') await runtime.thaw(name);
      if (state === 'stopped' || state === 'exited') await runtime.startAgain(name, signal);
    }),
  );
}

async function freeDisks(runtime: ServiceRuntime, { services }: FaultRecord, signal: AbortSignal): Promise<void> {
  await Promise.all(services.map((name) => runtime.freeDisk(name, signal)));
}
