import { stepsOf } from '../helpers/journal-positions.ts';
import type { Strike } from '../helpers/struck-move.ts';
import type { Turn } from '../helpers/there-and-back.ts';
import { matrixOf } from '../helpers/turn-matrix.ts';

/** What works on in a move; the source of a failover is gone. */
const OF_STANDBY = ['dr-connect', 'dr-broker-1'];
const ALL = [...OF_STANDBY, 'primary-connect', 'primary-broker-1'];

const struck = (step: string, service: string): Strike => ({ step, service, moment: 'started', blow: 'SIGKILL' });

/** Each service dies in each step, with the other services' turns taken in between. */
function turnsOf(kind: Turn['kind']): readonly Turn[] {
  const each = (steps: readonly string[], services: readonly string[]): readonly Strike[] =>
    steps.flatMap((step) => services.map((service) => struck(step, service)));
  const there = each(stepsOf(kind), kind === 'failover' ? OF_STANDBY : ALL);
  const back = each(stepsOf('failback', kind === 'failover' ? 'export' : null), ALL);
  return Array.from({ length: Math.max(there.length, back.length) }, (_, index) => ({
    ...{ kind, there: there.slice(index, index + 1), back: back.slice(index, index + 1) },
  }));
}

matrixOf('a worker or a broker that dies in any step', 'default', [...turnsOf('failover'), ...turnsOf('switchover')]);
