import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ledgerTexts, readLedgerFiles } from '../../../../src/app/workload/ledger-files.ts';
import { LEDGER_FILES, LedgerLog } from '../../../../src/app/workload/ledger-log.ts';
import { systemClock } from '../../../../src/composition/system.ts';
import { createFileRunStore } from '../../../../src/store/file-run-store.ts';
import { MemoryRunStore } from '../../../fakes/memory-run-store.ts';

const WRITER = join(import.meta.dirname, '../../../helpers/ledger-writer.ts');
const RUN = '20270101-000000-scenario-aaaa';
const GROUP = 'group, with a "comma"';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kmk-ledger-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** Kills the writer after so many flushes, right when the last was said; gives what was on disk by then. */
async function killedAfter(flushes: number, runId: string): Promise<number> {
  const child = spawn(process.execPath, ['--import', 'tsx', WRITER, dir, runId], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    if (text.split('\n').length > flushes) child.kill('SIGKILL');
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  expect([code, signal]).toEqual([null, 'SIGKILL']);
  return Number(text.trim().split('\n').at(-1));
}

describe('the ledger of a kmk that was killed', () => {
  it('holds every line that was flushed, whole, and nothing but a beginning of what was written', async () => {
    const flushed = await killedAfter(12, RUN);
    const store = createFileRunStore(dir, systemClock);
    const ledger = (await readLedgerFiles(store, RUN)).get('orders')?.get(0);
    expect(flushed).toBeGreaterThanOrEqual(12 * 10_000);
    const [numbers] = ledger?.acknowledged.get('primary')?.intervals() ?? [];
    expect(ledger?.acknowledged.get('primary')?.intervals().length).toBe(1);
    expect(numbers?.start).toBe(0);
    expect(numbers?.end).toBeGreaterThanOrEqual(flushed);
    expect(ledger?.sent).toBe(numbers?.end);
    const done = ledger?.processed.get(GROUP);
    expect(done?.seen.size).toBeGreaterThanOrEqual(flushed);
    expect([done?.seen.intervals().length, done?.again]).toEqual([1, 0]);
  });

  it('is read up to the last whole line, wherever the file was cut', async () => {
    const path = join(dir, 'runs', RUN, LEDGER_FILES.acknowledged);
    const whole = (await readFile(path, 'utf8')).split('\n').slice(0, 40);
    const store = createFileRunStore(dir, systemClock);
    await rm(join(dir, 'runs', RUN, LEDGER_FILES.processed));
    await truncate(path, 0);
    await appendFile(path, `${whole.join('\n')}\n`);
    const bytes = Buffer.byteLength(`${whole.join('\n')}\n`);
    for (let cut = bytes; cut >= bytes - 120; cut -= 1) {
      await truncate(path, cut);
      const text = await readFile(path, 'utf8');
      const lines = text.split('\n').length - 1;
      const ledger = (await readLedgerFiles(store, RUN)).get('orders')?.get(0);
      expect({ cut, numbers: ledger?.allAcknowledged().size }).toEqual({ cut, numbers: lines * 5 });
    }
  });
});

describe("a ledger's files", () => {
  it('give the same counts as the ledger, whatever the names', async () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((text) => !/[\r\n]/.test(text));
    await fc.assert(
      fc.asyncProperty(
        name,
        name,
        fc.array(fc.nat(20), { minLength: 1, maxLength: 20 }),
        async (stream, group, counts) => {
          const store = new MemoryRunStore();
          const log = new LedgerLog(store, systemClock, RUN);
          let first = 0;
          for (const count of counts) {
            log.add('acknowledged', [stream, 2, 'primary', 1, first, count + 1]);
            log.add('processed', [group, 'dr', `primary.${stream}`, 2, first, stream, 0, count + 1]);
            first += count + 1;
          }
          await log.flush();
          const ledger = (await readLedgerFiles(store, RUN)).get(stream)?.get(2);
          expect(ledger?.allAcknowledged().size).toBe(first);
          const longest = Math.max(...counts) + 1;
          expect(ledger?.processed.get(group)).toMatchObject({ processings: first, again: first - longest });
          expect(ledgerTexts(await readLedgerFiles(store, RUN))).toEqual([
            `the ledger files of "${stream}" hold ${first} acknowledged records; ${first} were processed, ${first - longest} of them again`,
          ]);
        },
      ),
    );
  });

  it('that are not there hold nothing', async () => {
    expect(await readLedgerFiles(createFileRunStore(dir, systemClock), 'no-such-run')).toEqual(new Map());
  });
});
