import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import type { ServiceRuntime } from '../../src/app/ports/service-runtime.ts';
import { NETWORK_IMAGE } from '../../src/domain/lab/images.ts';
import type { ServiceSpec } from '../../src/domain/lab/service-spec.ts';
import { DockerRuntime } from '../../src/runtime/docker/docker-runtime.ts';

const run = promisify(execFile);
const IMAGE = 'apache/kafka:4.3.1';
export const ECHO_PORT = 9000;
/** Sends everything back: what a broker is for the network. Perl is in every Debian. */
const ECHO = `perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(LocalPort => ${ECHO_PORT}, Listen => 9, ReuseAddr => 1) or die; $SIG{CHLD} = "IGNORE"; while (1) { $c = $s->accept or next; next if fork; syswrite($c, $b) while sysread($c, $b, 99); exit }'`;

/** The `docker` command: a witness that kmk did not write. */
export async function docker(...args: readonly string[]): Promise<string> {
  return (await run('docker', args, { maxBuffer: 1 << 24 })).stdout.trim();
}

/** A docker-compose.yml of small containers in a folder of its own, and runtimes that carry it out. */
export class DockerStage implements AsyncDisposable {
  readonly labDir: string;
  readonly project: string;
  readonly #dir: string;

  private constructor(dir: string) {
    this.#dir = dir;
    this.labDir = join(dir, 'lab');
    this.project = `stage-${dir.slice(-6).toLowerCase()}`;
  }

  static async create(): Promise<DockerStage> {
    return new DockerStage(await realpath(await mkdtemp(join(tmpdir(), 'kmk-stage-'))));
  }

  open(): ServiceRuntime {
    const { project, labDir } = this;
    return new DockerRuntime({
      project,
      state: project,
      kmkVersion: '0',
      labDir,
      images: new Map(),
      networkImage: NETWORK_IMAGE,
      env: process.env,
    });
  }

  /**
   * Writes the file; the number of a service ends up in its command. A network for each site, that its worker and those
   * of others are in. `memoryMb` is what each reserves; `diskMb` gives each broker a disk of its own;
   * health checks of what is `sick` fail.
   */
  async write(
    services: Readonly<Record<string, number>>,
    { memoryMb = 10, diskMb = 0, sick = false } = {},
  ): Promise<void> {
    const labels = { 'kmk.project': this.project, 'kmk.state': this.project };
    const sites = [...new Set(Object.keys(services).map(siteOf))];
    const disks = Object.keys(services).filter((name) => diskMb > 0 && kindOf(name) === 'broker');
    const entry = (name: string, version: number) => ({
      image: IMAGE,
      user: '0:0',
      working_dir: '/',
      restart: 'no',
      mem_reservation: `${memoryMb}m`,
      logging: { driver: 'json-file', options: { 'max-size': '1m' } },
      // A shell that is process 1 ignores SIGTERM unless it says otherwise.
      command: ['bash', '-c', `trap exit TERM; ${ECHO} & echo serving version ${version}; while :; do sleep 0.1; done`],
      networks: [siteOf(name), ...(kindOf(name) === 'connect' ? sites.filter((site) => site !== siteOf(name)) : [])],
      ...(sick ? { healthcheck: { test: ['CMD', 'false'], interval: '100ms', timeout: '5s', retries: 2 } } : {}),
      volumes: disks.includes(name) ? [{ type: 'volume', source: `${name}-data`, target: '/data' }] : [],
      labels: { ...labels, 'kmk.role': kindOf(name), 'kmk.cluster': siteOf(name) },
    });
    const diskEntry = (name: string) => ({
      ...entry(name, 0),
      command: ['sleep', 'infinity'],
      volumes: [{ type: 'volume', source: `${name}-data`, target: '/disk' }],
      labels: { ...labels, 'kmk.role': 'disk' },
    });
    const driver_opts = { type: 'tmpfs', device: 'tmpfs', o: `size=${diskMb}m` };
    await mkdir(this.labDir, { recursive: true });
    await writeFile(
      join(this.labDir, 'docker-compose.yml'),
      stringify({
        services: {
          ...Object.fromEntries(Object.entries(services).map(([name, version]) => [name, entry(name, version)])),
          ...Object.fromEntries(disks.map((name) => [`${name}-disk`, diskEntry(name)])),
        },
        networks: Object.fromEntries(sites.map((site) => [site, { labels }])),
        volumes: Object.fromEntries(disks.map((name) => [`${name}-data`, { labels, driver_opts }])),
      }),
    );
  }

  /** Ids of the containers, and names of networks and volumes, of this project. */
  async marked(): Promise<readonly string[]> {
    const filter = ['--filter', `label=kmk.state=${this.project}`, '-q'];
    const found = [await docker('ps', '-a', ...filter), await docker('volume', 'ls', ...filter)];
    return found.flatMap((text) => text.split('\n')).filter((line) => line !== '');
  }

  container(service: string): string {
    return `${this.project}-${service}-1`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.open().sweep({ keepData: false });
    await rm(this.#dir, { recursive: true, force: true });
  }
}

export function specOf(name: string): ServiceSpec {
  return {
    name,
    kind: kindOf(name),
    cluster: siteOf(name),
    mainClass: '',
    args: [],
    heapMb: 0,
    endpoint: '',
    ports: [],
    specHash: '',
  };
}

function siteOf(name: string): string {
  return name.split('-')[0] ?? '';
}

function kindOf(name: string): 'broker' | 'connect' | 'disk' {
  if (name.endsWith('disk')) return 'disk';
  return name.endsWith('connect') ? 'connect' : 'broker';
}
