import type { Operator } from '../../domain/cluster-state.ts';

/** Which process this is, and whether another one still lives. */
export interface OperatorIdentity {
  me(): Promise<Operator>;
  /** True where that process was of this machine and has ended; of another machine nobody can tell. */
  isGone(other: Operator): Promise<boolean>;
}
