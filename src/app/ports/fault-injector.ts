import type { Fault } from '../../domain/fault.ts';

/** A fault in force. It is recorded in the state directory until one of the two methods has ended it. */
export interface InjectedFault {
  readonly fault: Fault;
  /** Names of the services that it hit. */
  readonly services: readonly string[];
  /** Undoes it: what it ended is started again as it was, what it froze goes on. Returns once the processes exist and the network is as it was before. */
  heal(signal: AbortSignal): Promise<void>;
  /** Ends it and starts nothing: for a site that must stay down, whose services were ended before. */
  lift(signal: AbortSignal): Promise<void>;
}

/** Breaks a lab on purpose. What broke is known to every later kmk of that state directory, also after a crash. */
export interface FaultInjector {
  /** Returns once the fault is in force (`restart`: once the services exist again). Where nothing runs nothing is hit. */
  inject(fault: Fault, signal: AbortSignal): Promise<InjectedFault>;
  /** Every fault that was injected and not ended, oldest first. */
  active(): Promise<readonly InjectedFault[]>;
}
