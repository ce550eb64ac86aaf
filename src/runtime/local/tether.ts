import { execa } from 'execa';

/** Ends the command with SIGTERM when standard input closes, so that it never outlives kmk, not even kill -9 of it. */
const TETHERED = `
exec 3<&0
"$@" < /dev/null & child=$!
{ read -r _ || :; kill "$child" 2>/dev/null; } <&3 &
watcher=$!
wait "$child"; code=$?
kill "$watcher" 2>/dev/null
exit $code
`;

export interface TetherOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Starts a helper process of kmk's own that must not be left behind: a tool, or a training run for class-data sharing.
 * Never rejects; the result carries the exit code and the output.
 */
export function tether(command: readonly string[], options: TetherOptions) {
  return execa('sh', ['-c', TETHERED, 'kmk', ...command], {
    cwd: options.cwd,
    env: options.env,
    extendEnv: false,
    reject: false,
    stdin: 'pipe',
    // Not in kmk's process group: a Ctrl-C in a terminal is for kmk, which then ends it.
    detached: true,
  } as const);
}
