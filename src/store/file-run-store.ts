import { createReadStream } from 'node:fs';
import { appendFile, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock } from '../app/ports/clock.ts';
import type { RunStore } from '../app/ports/run-store.ts';
import { KmkError } from '../domain/errors.ts';
import type { AnyEvent } from '../domain/events.ts';
import type { LabRecord } from '../domain/lab/lab-record.ts';
import { openRunJournal } from './run-journal.ts';
import { lockHolder, takeStateLock } from './state-lock.ts';

/** A RunStore in a folder: `lab/lab.json`, `lock`, `runs/<runId>/...`. Files appear whole: written aside, then renamed. */
export function createFileRunStore(stateDir: string, clock: Clock): RunStore {
  const labFile = join(stateDir, 'lab', 'lab.json');
  const runFile = (runId: string, name: string): string => join(stateDir, 'runs', runId, name);
  return {
    stateDir,
    lock: (command) => takeStateLock(stateDir, command),

    async loadLab() {
      const text = await readFile(labFile, 'utf8').catch(() => null);
      return text === null ? null : parseLab(text, labFile);
    },
    saveLab: (record) => writeWhole(labFile, `${JSON.stringify(record, null, 2)}\n`),
    removeLab: () => rm(labFile, { force: true }),
    hasLabFolder: () => isFolder(dirname(labFile)),
    hasStaleLock: async () => (await lockHolder(stateDir))?.alive === false,

    async nestedLabs() {
      const runs = await readdir(join(stateDir, 'runs')).catch(() => []);
      const candidates = [join(stateDir, 'demo'), ...runs.map((runId) => join(stateDir, 'runs', runId))];
      const found = await Promise.all(candidates.map((dir) => isFolder(join(dir, 'lab'))));
      return candidates.filter((_, index) => found[index] === true);
    },

    openJournal: (runId, forward) => openRunJournal(runFile(runId, 'journal.jsonl'), runId, clock, forward),
    async listRuns() {
      const names = await readdir(join(stateDir, 'runs')).catch(() => []);
      return names.toSorted();
    },
    async readJournal(runId) {
      return parseJournal(await readFile(runFile(runId, 'journal.jsonl'), 'utf8').catch(() => ''));
    },
    journalPath: (runId) => runFile(runId, 'journal.jsonl'),
    reportPath: (runId) => runFile(runId, 'report.html'),
    async saveRunFile(runId, name, content) {
      const path = runFile(runId, name);
      await writeWhole(path, content);
      return path;
    },
    async appendRunFile(runId, name, content) {
      const path = runFile(runId, name);
      await mkdir(dirname(path), { recursive: true });
      await appendFile(path, content);
    },
    readRunLines: (runId, name) => wholeLines(runFile(runId, name)),
    readRunFile: (runId, name) => readFile(runFile(runId, name), 'utf8').catch(() => null),
    saveStateFile: (name, content) => writeWhole(join(stateDir, 'lab', name), content),
    readStateFile: (name) => readFile(join(stateDir, 'lab', name), 'utf8').catch(() => null),
  };
}

/** The lines but a last one without its end: a crash has cut it. */
async function* wholeLines(path: string): AsyncGenerator<string> {
  if (!(await isFile(path))) return;
  let rest = '';
  for await (const chunk of createReadStream(path, 'utf8')) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** Lines that are whole and JSON; a crash may have cut the last one. */
function parseJournal(text: string): readonly AnyEvent[] {
  const events: AnyEvent[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    try {
      events.push(JSON.parse(line) as AnyEvent);
    } catch {
      continue;
    }
  }
  return events;
}

function parseLab(text: string, path: string): LabRecord {
  try {
    const record = JSON.parse(text) as Partial<LabRecord> | null;
    if (record?.version === 1 && typeof record.setup === 'object' && typeof record.ports === 'object')
      return record as LabRecord;
  } catch {
    // Not JSON: said below.
  }
  throw new KmkError('KMK_WRONG_STATE', `the lab record "${path}" is not readable`, {
    hints: ['Run `kmk destroy --yes` to remove what is left of the lab.'],
  });
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function writeWhole(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const aside = `${path}.${process.pid}.tmp`;
  await writeFile(aside, content);
  await rename(aside, path);
}
