import { beforeEach, expect, test } from 'vitest';
import type { ServiceRuntime } from '../../src/app/ports/service-runtime.ts';
import { abortError } from '../../src/domain/errors.ts';

/** A place where a runtime under test may start the services `a` and `b`, which both print "serving" and then last. */
export interface RuntimeStage {
  /** As another kmk of the same state directory would have it. */
  open(): ServiceRuntime;
  /** Starts it; a `change` of the number makes it another service of that name. */
  start(runtime: ServiceRuntime, name: 'a' | 'b', change?: number): Promise<boolean>;
  /** Which process or container it is now. */
  identity(name: 'a' | 'b'): Promise<string>;
  /** Ends it as somebody else would. */
  killOutside(name: 'a' | 'b'): Promise<void>;
  /** What carries the lab's mark, by any other means than the runtime. */
  marked(): Promise<readonly string[]>;
}

/** What every runtime must do with services. Call it inside a `describe`; `open` gives an empty stage each time. */
export function runtimeContract(open: () => Promise<RuntimeStage>): void {
  let stage: RuntimeStage;
  let runtime: ServiceRuntime;
  let signal: AbortSignal;
  beforeEach(async () => {
    signal = AbortSignal.timeout(60_000);
    stage = await open();
    runtime = stage.open();
  });
  const states = async (): Promise<Record<string, string>> =>
    Object.fromEntries((await runtime.list()).map(({ name, state }) => [name, state]));

  test('a service runs, is left alone by a second start, freezes, thaws, stops, and starts again as it was', async () => {
    expect(await stage.start(runtime, 'a')).toBe(true);
    const first = await stage.identity('a');
    expect(await stage.start(stage.open(), 'a')).toBe(false);
    expect([await stage.identity('a'), await states()]).toEqual([first, { a: 'running' }]);
    await runtime.freeze('a');
    await expect.poll(states).toEqual({ a: 'frozen' });
    await runtime.thaw('a');
    await expect.poll(states).toEqual({ a: 'running' });
    await runtime.stop('a', { graceMs: 1000 });
    expect(await states()).toEqual({ a: 'stopped' });
    await runtime.startAgain('a', signal);
    expect(await states()).toEqual({ a: 'running' });
    await runtime.startAgain('a', signal);
    await expect(runtime.startAgain('b', signal)).rejects.toMatchObject({ code: 'KMK_WRONG_STATE' });
  });

  test('killed by kmk it is stopped, killed by others it has exited', async () => {
    await stage.start(runtime, 'a');
    await runtime.kill('a');
    expect(await states()).toEqual({ a: 'stopped' });
    await stage.start(runtime, 'a');
    await stage.killOutside('a');
    await expect.poll(states).toEqual({ a: 'exited' });
    await runtime.kill('a');
    await runtime.stop('a', { graceMs: 100 });
    expect(await stage.start(runtime, 'a')).toBe(true);
    expect(await states()).toEqual({ a: 'running' });
  });

  test('changed, it replaces the one that runs, also one that is frozen, which never runs again', async () => {
    await stage.start(runtime, 'a');
    const first = await stage.identity('a');
    expect(await stage.start(runtime, 'a', 1)).toBe(true);
    const second = await stage.identity('a');
    await runtime.freeze('a');
    expect(await stage.start(runtime, 'a', 2)).toBe(true);
    expect(new Set([first, second, await stage.identity('a')]).size).toBe(3);
    expect(await states()).toEqual({ a: 'running' });
    await runtime.freeze('a');
    expect(await stage.start(runtime, 'a', 2)).toBe(true);
    expect(await states()).toEqual({ a: 'running' });
    expect(await stage.marked()).toHaveLength(1);
  });

  test('its log is read and followed over a restart', async () => {
    await stage.start(runtime, 'a');
    await expect.poll(() => runtime.tail('a', 1)).toEqual([expect.stringContaining('serving')]);
    const seen: string[] = [];
    const stop = new AbortController();
    const following = runtime.follow('a', 1, (line) => seen.push(line), stop.signal);
    const served = (): number => seen.filter((line) => line.includes('serving')).length;
    await expect.poll(served).toBe(1);
    await runtime.kill('a');
    await stage.start(runtime, 'a');
    await expect.poll(served, { timeout: 15_000 }).toBe(2);
    stop.abort(abortError(stop.signal));
    await following;
    expect(await runtime.tail('nothing-of-that-name', 5)).toEqual([]);
  });

  test('a command runs beside it, with its input, output and exit code', async () => {
    await stage.start(runtime, 'a');
    const said = { stdout: '', stderr: '' };
    const script = 'cat; echo "$COLOUR" >&2; [ -n "$CLASSPATH" ] && exit 7';
    const code = await runtime.exec('a', ['sh', '-c', script], {
      environment: { COLOUR: 'blue' },
      input: wordsOf('one ', 'two'),
      onOutput: (stream, chunk) => (said[stream] += Buffer.from(chunk).toString()),
      signal,
    });
    expect({ code, ...said }).toEqual({ code: 7, stdout: 'one two', stderr: 'blue\n' });
    const io = { environment: {}, input: null, onOutput: () => undefined, signal };
    await expect(runtime.exec('b', ['true'], io)).rejects.toMatchObject({ code: 'KMK_WRONG_STATE' });
  });

  test('a sweep with keepData leaves a lab that starts again; without, nothing that carries the mark', async () => {
    await Promise.all([stage.start(runtime, 'a'), stage.start(runtime, 'b')]);
    expect((await runtime.sweep({ keepData: true })).length).toBe(2);
    expect(await states()).toEqual({ a: 'stopped', b: 'stopped' });
    await stage.start(runtime, 'a');
    await runtime.freeze('a');
    await stage.open().sweep({ keepData: false });
    expect([await stage.marked(), await runtime.list()]).toEqual([[], []]);
    expect(await runtime.sweep({ keepData: false })).toEqual([]);
  });
}

async function* wordsOf(...words: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const word of words) yield await Promise.resolve(Buffer.from(word));
}
