import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Fault } from '../domain/fault.ts';
import type { GateFaults, GateWay } from '../domain/lab/gate.ts';
import { trafficOn } from '../domain/traffic.ts';
import { GatePort } from './gate-port.ts';

export interface GateFiles {
  /** The ways, as JSON. */
  readonly ways: string;
  readonly faults: string;
  readonly applied: string;
}

/** How long a fault may go unnoticed. */
const LOOK_MS = 25;

/** Holds the ports of a lab's gates and does to their traffic what the faults file says, until it is closed. */
export class Gate implements AsyncDisposable {
  readonly #files: GateFiles;
  readonly #ports: readonly GatePort[];
  #edition: string | null = null;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> = Promise.resolve();

  private constructor(files: GateFiles, ways: readonly GateWay[]) {
    this.#files = files;
    this.#ports = ways.map((way) => new GatePort(way));
  }

  /** Faults that are in force already hold from the first connection on. Rejects where a port is taken. */
  static async open(files: GateFiles): Promise<Gate> {
    const gate = new Gate(files, JSON.parse(await readFile(files.ways, 'utf8')) as readonly GateWay[]);
    await gate.#look();
    await Promise.all(gate.#ports.map((port) => port.listen()));
    gate.#watch();
    return gate;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#looking;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await Promise.all(this.#ports.map((port) => port.close()));
  }

  #watch(): void {
    this.#timer = setTimeout(() => {
      this.#looking = this.#look().then(() => this.#watch());
    }, LOOK_MS);
  }

  async #look(): Promise<void> {
    const told = await readFaults(this.#files.faults);
    if (told === null || told.edition === this.#edition) return;
    for (const port of this.#ports) port.shape(trafficOn(port.way, told.faults));
    this.#edition = told.edition;
    await mkdir(dirname(this.#files.applied), { recursive: true });
    await writeFile(`${this.#files.applied}.tmp`, JSON.stringify({ edition: told.edition }));
    await rename(`${this.#files.applied}.tmp`, this.#files.applied);
  }
}

/** A file that is not there yet, or not whole, says nothing: the next look will. */
async function readFaults(path: string): Promise<GateFaults<Fault> | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as GateFaults<Fault>;
  } catch {
    return null;
  }
}
