import type { FaultInjector } from '../../src/app/ports/fault-injector.ts';
import type { ServiceRuntime } from '../../src/app/ports/service-runtime.ts';
import { createFaultInjector } from '../../src/faults/fault-injector.ts';

let time = 1_700_000_000_000;

/** The real injector over a runtime, with one clock for all, that moves on by a millisecond each time it is asked. */
export function faultInjector(runtime: ServiceRuntime, recordDir: string): FaultInjector {
  const clock = { now: () => (time += 1), sleep: () => Promise.resolve() };
  const random = { id: (length: number) => 'x'.repeat(length), kafkaUuid: () => 'A'.repeat(22) };
  return createFaultInjector({ recordDir, runtime, clock, random });
}
