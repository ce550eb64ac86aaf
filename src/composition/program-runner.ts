import { execa } from 'execa';
import type { ProgramRunner } from '../app/ports/program-runner.ts';

const OUTPUT_CHARS = 2000;
const MOST_CHARS = 1_000_000;
/** Between SIGTERM and SIGKILL for one that takes too long. */
const KILL_DELAY_MS = 2000;

/** Runs programs where kmk was started. */
export function createProgramRunner(env: NodeJS.ProcessEnv): ProgramRunner {
  return {
    async run({ argv: [file = '', ...args], input, env: added, timeoutMs, signal }) {
      const result = await execa(file, args, {
        input,
        env: { ...env, ...added },
        extendEnv: false,
        timeout: timeoutMs,
        cancelSignal: signal,
        all: true,
        reject: false,
        forceKillAfterDelay: KILL_DELAY_MS,
        maxBuffer: MOST_CHARS,
      });
      // One that could not be started has said nothing.
      const said = result.all === '' ? (result.shortMessage ?? '') : result.all;
      return { exitCode: result.exitCode ?? null, timedOut: result.timedOut, output: said.slice(-OUTPUT_CHARS) };
    },
  };
}
