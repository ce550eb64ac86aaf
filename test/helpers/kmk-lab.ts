import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The built command line. */
export const KMK = fileURLToPath(new URL('../../bin/kmk.js', import.meta.url));

/** What one run of the built command line left behind. */
export interface KmkRun {
  readonly exitCode: number | null;
  readonly killedBy: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface KmkProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<KmkRun>;
  /** What it has written to stderr so far. */
  progress(): string;
  /** What it has written to stdout so far. */
  output(): string;
}

export interface LabOptions {
  /** Added to kmk.yaml; replaces the clusters with `port: auto` when it names clusters. */
  readonly yaml?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Default local. */
  readonly runtime?: 'docker' | 'local';
}

/** A folder with a kmk.yaml and a state directory of its own, worked on by the built command line. */
export class KmkLab {
  readonly dir: string;
  readonly project: string;
  readonly stateDir: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #runtime: string;

  private constructor(dir: string, project: string, { env = {}, runtime = 'local' }: LabOptions) {
    this.dir = dir;
    this.project = project;
    this.stateDir = join(dir, '.kmk');
    this.#env = env;
    this.#runtime = runtime;
  }

  static async create(options: LabOptions = {}): Promise<KmkLab> {
    const dir = realpathSync(await mkdtemp(join(tmpdir(), 'kmk-life-')));
    // A name of its own: a project can be deployed from one folder only, and others may test on this machine.
    const lab = new KmkLab(dir, `life-${dir.slice(-6).toLowerCase()}`, options);
    await lab.configure(options.yaml ?? '');
    return lab;
  }

  async configure(yaml: string): Promise<void> {
    const clusters = yaml.includes('clusters:')
      ? ''
      : 'clusters:\n  primary: { brokers: 1, port: auto }\n  dr: { brokers: 1, port: auto }\n';
    await writeFile(
      join(this.dir, 'kmk.yaml'),
      `version: 1\nname: ${this.project}\nruntime: ${this.#runtime}\nui: { enabled: false }\n${clusters}${yaml}`,
    );
  }

  /** Starts kmk in its own process group, as a shell does. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): KmkProcess {
    const child = spawn(process.execPath, [KMK, ...args], {
      cwd: this.dir,
      env: { ...process.env, NO_COLOR: '1', ...this.#env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const ended = new Promise<KmkRun>((resolve) => {
      child.on('close', (exitCode, killedBy) => resolve({ exitCode, killedBy, stdout, stderr }));
    });
    return { child, ended, progress: () => stderr, output: () => stdout };
  }

  kmk(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<KmkRun> {
    return this.start(args, env).ended;
  }

  /** Runs kmk and throws with everything it said unless it exits 0. */
  async ok(...args: string[]): Promise<KmkRun> {
    const run = await this.kmk(args);
    if (run.exitCode !== 0) throw new Error(`kmk ${args.join(' ')}: exit ${run.exitCode}\n${run.stderr}${run.stdout}`);
    return run;
  }

  async json(...args: string[]): Promise<Record<string, never>> {
    return JSON.parse((await this.ok(...args, '-o', 'json')).stdout) as Record<string, never>;
  }

  /** What every JVM of this state directory carries among its arguments. */
  get mark(): string {
    return `-Dkmk.state=${createHash('sha256').update(this.stateDir).digest('hex').slice(0, 16)}`;
  }

  /** PIDs of everything that carries the mark, as the system tells it. */
  marked(): readonly number[] {
    return processes()
      .filter(({ args }) => args.includes(this.mark))
      .map(({ pid }) => pid);
  }

  async pidOf(service: string): Promise<number> {
    return Number((await readFile(join(this.stateDir, 'lab', 'pids', `${service}.pid`), 'utf8')).split(' ')[0]);
  }

  read(path: string): Promise<string> {
    return readFile(join(this.stateDir, path), 'utf8');
  }

  async write(path: string, content: string): Promise<void> {
    await mkdir(join(this.stateDir, path, '..'), { recursive: true });
    await writeFile(join(this.stateDir, path), content);
  }

  /** Destroys the lab and removes the folder; also after a failed test. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kmk(['destroy', '--yes']);
    for (const pid of this.marked()) process.kill(pid, 'SIGKILL');
    await rm(this.dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** Every process with its arguments, as /proc shows them. */
export function processes(): readonly { readonly pid: number; readonly args: readonly string[] }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      try {
        return { pid: Number(name), args: readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0') };
      } catch {
        return { pid: Number(name), args: [] };
      }
    });
}
