import { readFileSync } from 'node:fs';
import { assembleReport } from '../../../src/app/report/assemble-report.ts';
import type { AnyEvent, EventData, EventName } from '../../../src/domain/events.ts';
import type { ReportModel } from '../../../src/domain/report-model.ts';

/** The journal of an unplanned kill with failover and failback, as the store reads it. */
export function unplannedKill(): readonly AnyEvent[] {
  const text = readFileSync(new URL('../../fixtures/journal-unplanned-kill.jsonl', import.meta.url), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as AnyEvent);
}

export const unplannedKillReport = (): ReportModel => assembleReport(unplannedKill());

const START = Date.parse('2026-03-04T09:00:00.000Z');

/** One event at `atMs` after the start of a made-up run. */
export function event<N extends EventName>(atMs: number, name: N, data: EventData[N]): AnyEvent {
  const at = new Date(START + atMs).toISOString();
  return { v: 1, seq: 0, at, runId: 'run-1', level: 'info', event: name, data } as unknown as AnyEvent;
}

/** `events` between a start and an end with that exit code. */
export function run(events: readonly AnyEvent[], exitCode = 0, untilMs = 60_000): readonly AnyEvent[] {
  const start = event(0, 'run.started', { command: 'scenario run', project: 'p', kmkVersion: '1.2.3', args: ['x'] });
  return [start, ...events, event(untilMs, 'run.finished', { exitCode, error: null })];
}

/** Text that is markup in every format kmk writes. */
export const HOSTILE = `<script>alert("x")</script><img src=x onerror='y'>{{{z}}}|\`**b**]]>&amp;\u001b[31m\u0000\ud800`;
