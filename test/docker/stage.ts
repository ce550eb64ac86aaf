import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import type { ServiceRuntime } from '../../src/app/ports/service-runtime.ts';
import type { ServiceSpec } from '../../src/domain/lab/service-spec.ts';
import { DockerRuntime } from '../../src/runtime/docker/docker-runtime.ts';

const run = promisify(execFile);
const IMAGE = 'apache/kafka:4.3.1';

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
    return new DockerRuntime({ project, state: project, kmkVersion: '0', labDir, images: new Map(), env: process.env });
  }

  /** Writes the file; the number of a service ends up in its command. `memoryMb` is what each reserves. */
  async write(services: Readonly<Record<string, number>>, memoryMb = 10): Promise<void> {
    const labels = { 'kmk.project': this.project, 'kmk.state': this.project };
    const entry = (name: string, version: number) => ({
      image: IMAGE,
      user: '0:0',
      working_dir: '/',
      restart: 'no',
      mem_reservation: `${memoryMb}m`,
      logging: { driver: 'json-file', options: { 'max-size': '1m' } },
      // A shell that is process 1 ignores SIGTERM unless it says otherwise.
      command: ['bash', '-c', `trap exit TERM; echo serving version ${version}; while :; do sleep 0.1; done`],
      volumes: [],
      labels: { ...labels, 'kmk.role': kindOf(name), 'kmk.cluster': name.split('-')[0] },
    });
    await mkdir(this.labDir, { recursive: true });
    await writeFile(
      join(this.labDir, 'docker-compose.yml'),
      stringify({
        services: Object.fromEntries(Object.entries(services).map(([name, version]) => [name, entry(name, version)])),
        networks: { default: { labels } },
        volumes: null,
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
  const cluster = name.split('-')[0] ?? '';
  return {
    name,
    kind: kindOf(name),
    cluster,
    mainClass: '',
    args: [],
    heapMb: 0,
    endpoint: '',
    ports: [],
    specHash: '',
  };
}

function kindOf(name: string): 'broker' | 'connect' {
  return name.endsWith('connect') ? 'connect' : 'broker';
}
