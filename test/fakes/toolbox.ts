import type { Toolbox } from '../../src/app/ports/toolbox.ts';
import { ManualClock } from './manual-clock.ts';
import { MemoryRunStore } from './memory-run-store.ts';
import { RecordingSink } from './recording-sink.ts';

export interface FakeToolbox extends Toolbox {
  readonly clock: ManualClock;
  readonly events: RecordingSink;
  readonly store: MemoryRunStore;
}

/** The ports that pure use cases need. Whoever reaches for a cluster, a worker or a process fails. */
export function fakeToolbox(): FakeToolbox {
  const none = (what: string) => (): never => {
    throw new Error(`this test has no ${what}`);
  };
  const files = { dir: '/state/lab', write: none('files'), read: none('files'), secrets: none('secrets') };
  const renderer = {
    brokers: none('renderer'),
    workers: none('renderer'),
    connectors: none('renderer'),
    mm2: none('renderer'),
    compose: none('renderer'),
  };
  return {
    kmkVersion: '0.0.0-test',
    clock: new ManualClock(),
    random: { id: (length) => 'x'.repeat(length), kafkaUuid: () => 'AAAAAAAAAAAAAAAAAAAAAA' },
    events: new RecordingSink(),
    confirm: { confirm: () => Promise.resolve() },
    store: new MemoryRunStore(),
    programs: { run: none('programs') },
    operator: {
      me: () => Promise.resolve({ host: 'here', pid: 1, startTime: '1' }),
      isGone: () => Promise.resolve(false),
    },
    projects: { claim: () => Promise.resolve(), release: () => Promise.resolve() },
    files,
    renderer,
    stateMark: () => '0123456789abcdef',
    chooseRuntime: (choice) => Promise.resolve(choice === 'docker' ? 'docker' : 'local'),
    runtime: none('runtime'),
    faults: none('faults'),
    choosePort: none('ports'),
    admin: none('clusters'),
    connect: none('Connect'),
    producer: none('clusters'),
    consumer: none('clusters'),
    reader: none('clusters'),
  };
}
