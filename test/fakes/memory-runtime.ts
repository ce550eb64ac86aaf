import type { ServiceInfo, ServiceRuntime, ServiceState } from '../../src/app/ports/service-runtime.ts';

/** Services that only have a state; what needs a process fails. Passes the same fault contract as the real runtimes. */
export function memoryRuntime(names: readonly string[]): ServiceRuntime {
  const states = new Map<string, ServiceState>(names.map((name) => [name, 'running']));
  const none = (): never => {
    throw new Error('this runtime has no processes');
  };
  const to = (state: ServiceState) => (name: string) => {
    states.set(name, state);
    return Promise.resolve();
  };
  return {
    name: 'local',
    prepare: () => Promise.resolve(),
    start: none,
    startAgain: to('running'),
    list: () => Promise.resolve([...states].map(([name, state]) => infoOf(name, state))),
    unrecorded: () => Promise.resolve([]),
    stop: to('stopped'),
    kill: to('stopped'),
    freeze: to('frozen'),
    thaw: to('running'),
    shapeNetwork: none,
    fillDisk: none,
    freeDisk: none,
    tail: () => Promise.resolve([]),
    follow: none,
    sweep: none,
    exec: none,
    runTool: none,
  };
}

function infoOf(name: string, state: ServiceState): ServiceInfo {
  const [cluster = ''] = name.split('-');
  const kind = name.endsWith('-connect') ? 'connect' : 'broker';
  return { name, kind, cluster, state, unhealthy: false, endpoint: '', log: '', specHash: '' };
}
