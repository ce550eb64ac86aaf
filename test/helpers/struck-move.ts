import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'vitest';
import { LocalRuntime } from '../../src/runtime/local/local-runtime.ts';
import type { LabRecord } from '../../src/domain/lab/lab-record.ts';
import type { JournalPosition } from './journal-positions.ts';
import { eventually, kcat } from './kafka-tools.ts';
import type { KmkLab, KmkRun } from './kmk-lab.ts';

const START_LIMIT_MS = 60_000;
/** Of a planned move: it begins anew. A step of a failback says of clients, too, where they write. */
const TAKEN_BACK = /(Taken back \([^)]*\)|Nothing had changed): clients write on \\?"primary/;
const PRELOAD = pathToFileURL(join(import.meta.dirname, 'inside-kmk.js')).href;

export interface Strike extends JournalPosition {
  /** SIGINT is what Ctrl-C sends: kmk ends by itself, some way behind the position. */
  readonly blow: 'SIGKILL' | 'SIGINT';
  /** Struck instead of kmk, and started again, as by a supervisor, when that has ended. */
  readonly service?: string;
  /** Goes on with the move's own command instead of `kmk resume`: it plans anew from what is there. */
  readonly againBy?: 'command' | 'resume';
}

/** What has become of a move that was struck. */
export interface StruckMove {
  /** One entry for each process. */
  readonly story: readonly string[];
  /** Strikes whose position was reached. */
  readonly struck: readonly Strike[];
  /** What the process that ended the move answered. */
  readonly document: Readonly<Record<string, unknown>>;
}

/** Where and when kmk runs, as far as it is not here and now. */
export interface Elsewhere {
  /** Name of another machine. */
  readonly host?: string;
  readonly laterMs?: number;
}

/** Runs kmk as if on another machine, or later. */
export function kmkElsewhere(
  lab: KmkLab,
  args: readonly string[],
  { host, laterMs = 0 }: Elsewhere,
  strike: Readonly<Record<string, string>> = {},
): Promise<KmkRun> {
  const there = host === undefined ? {} : { KMK_TEST_HOST: host };
  const env = { NODE_OPTIONS: `--import ${PRELOAD}`, KMK_TEST_LATER_MS: String(laterMs), ...there, ...strike };
  return lab.kmk(args, env);
}

/** Runs kmk with a strike waiting for its position; at a service of the lab where one is named, else at kmk itself. */
export function kmkStruck(
  lab: KmkLab,
  args: readonly string[],
  { step, moment, blow }: JournalPosition & { readonly blow: Strike['blow'] | 'SIGSTOP' },
  { service, ...elsewhere }: Elsewhere & { readonly service?: string } = {},
): Promise<KmkRun> {
  const pidFile = service === undefined ? {} : { pidFile: join(lab.stateDir, 'lab', 'pids', `${service}.pid`) };
  const strike = JSON.stringify({ step, moment, blow, ...pidFile });
  return kmkElsewhere(lab, args, elsewhere, { KMK_TEST_STRIKE: strike });
}

/**
 * Runs a move that is struck at one position after the other and gone on with each time, until it is complete. Positions
 * that are not reached (a step that had nothing to do, a plan that was made anew) are left out of `struck`. Where a service
 * was struck the checks of the move are the caller's to look at.
 */
export async function struckMove(
  lab: KmkLab,
  args: readonly string[],
  strikes: readonly Strike[],
): Promise<StruckMove> {
  const story: string[] = [];
  const struck: Strike[] = [];
  // Where a worker died a check may fail: what it had not flushed is copied again. The document says which.
  const isOver = (code: number | null): boolean =>
    code === 0 || (code === 6 && struck.some(({ service }) => service !== undefined));
  let next = args;
  for (const strike of strikes) {
    const { service } = strike;
    const who = service === undefined ? {} : { service };
    const run = await kmkStruck(lab, [...next, '-o', 'json'], strike, who);
    const { exitCode, killedBy, stdout, stderr } = run;
    // With `-o json` an error is told on stdout.
    const said = `${stderr}${stdout}`;
    story.push(`${next[0] ?? ''} at ${nameOfStrike(strike)}: ${killedBy ?? exitCode}`);
    if (service !== undefined && !stderr.includes('test: nobody was struck')) {
      struck.push(strike);
      await startAgain(lab, service);
    }
    if (isOver(exitCode)) return { story, struck, document: documentOf(stdout) };
    if (service !== undefined) {
      expect(exitCode, `${story.join('; ')}\n${said}`).toBeGreaterThan(1);
      next = TAKEN_BACK.test(said) ? args : ['resume', '--yes'];
      continue;
    }
    expect([exitCode, killedBy], `${story.join('; ')}\n${said}`).toEqual(
      strike.blow === 'SIGKILL' ? [null, 'SIGKILL'] : [130, null],
    );
    struck.push(strike);
    const takenBack = strike.blow === 'SIGINT' && !said.includes('Run `kmk resume`');
    // A planned move that is interrupted takes itself back and begins anew.
    if (takenBack) expect(said, story.join('; ')).toMatch(TAKEN_BACK);
    next = takenBack || strike.againBy === 'command' ? args : ['resume', '--yes'];
  }
  const last = await lab.kmk([...next, '-o', 'json']);
  story.push(`${next[0] ?? ''}: ${last.exitCode ?? last.killedBy}`);
  expect(isOver(last.exitCode), `${story.join('; ')}\n${last.stderr}${last.stdout}`).toBe(true);
  return { story, struck, document: documentOf(last.stdout) };
}

/** In a few words: `fence/started`, `fence/started dr-connect`. */
export function nameOfStrike({ step, moment, service }: Strike): string {
  return `${step}/${moment}${service === undefined ? '' : ` ${service}`}`;
}

/** Starts a service as it was started last: what a supervisor does, and kmk does not for every one. A broker answers then. */
async function startAgain(lab: KmkLab, service: string): Promise<void> {
  const { project, stateDir, mark } = lab;
  const labDir = join(stateDir, 'lab');
  const runtime = new LocalRuntime({
    ...{ project, labDir, renderedDir: labDir, kafkaVersion: '4.3.1', env: process.env },
    packageRoot: join(import.meta.dirname, '../..'),
    stateHash: mark.slice(mark.indexOf('=') + 1),
    newUuid: () => '',
  });
  await runtime.startAgain(service, AbortSignal.timeout(START_LIMIT_MS));
  const [, alias, node] = /^(.+)-broker-(\d+)$/.exec(service) ?? [];
  if (alias === undefined) return;
  const { ports } = JSON.parse(await lab.read('lab/lab.json')) as LabRecord;
  const port = ports.brokers[alias]?.[Number(node) - 1]?.client ?? 0;
  await eventually(`an answer of ${service}`, async () => {
    const told = await kcat(['-b', `127.0.0.1:${port}`, '-L', '-m', '1']).catch(() => null);
    return told === null ? undefined : true;
  });
}

function documentOf(stdout: string): StruckMove['document'] {
  return JSON.parse(stdout) as StruckMove['document'];
}
