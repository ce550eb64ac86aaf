import type { AnyEvent } from '../../domain/events.ts';
import type { ReportModel } from '../../domain/report-model.ts';
import {
  readCommits,
  readConnectors,
  readNotes,
  readSeeds,
  readServices,
  readTopics,
  readWarnings,
  readWatermarks,
} from './changes.ts';
import { count, text, textOrNull, texts } from './fields.ts';
import { readJournal, unknownEvents } from './journal.ts';
import { readForecasts } from './forecasts.ts';
import { judge, readChecks, readMoves, summarise } from './outcome.ts';
import { readGroups, readPartitions } from './positions.ts';
import { resultDocuments, scenarioOf } from './results.ts';
import { readLag, readLedgers, readMarks } from './series.ts';
import { readSteps } from './steps.ts';

/**
 * Builds the report of a run from its journal. Pure and total: a journal that is cut off, edited, empty or written by
 * a newer kmk gives a report of what is in it, never an error.
 */
export function assembleReport(events: readonly AnyEvent[]): ReportModel {
  const journal = readJournal(events);
  const results = resultDocuments(journal);
  const ledgers = readLedgers(journal);
  const checks = readChecks(journal, results);
  const run = readRun(journal);
  const scenario = scenarioOf(results);
  return {
    schema: 'kmk.report/v1',
    ...run,
    scenario: scenario.name,
    seed: scenario.seed,
    verdict: judge(results, checks, run.exitCode),
    summary: summarise(results, ledgers),
    moves: readMoves(results),
    forecasts: readForecasts(journal, results, ledgers),
    checks,
    steps: readSteps(journal),
    marks: readMarks(journal),
    lag: readLag(journal),
    ledgers,
    groups: readGroups(journal, results),
    partitions: readPartitions(journal),
    offsetsCommitted: readCommits(journal),
    watermarks: readWatermarks(journal),
    seeds: readSeeds(journal),
    connectors: readConnectors(journal),
    services: readServices(journal),
    topicsCreated: readTopics(journal),
    warnings: readWarnings(journal),
    notes: readNotes(journal),
    unknownEvents: unknownEvents(journal),
  };
}

type RunFacts = Pick<
  ReportModel,
  | 'runId'
  | 'command'
  | 'args'
  | 'project'
  | 'kmkVersion'
  | 'startedAt'
  | 'finishedAt'
  | 'durationMs'
  | 'state'
  | 'exitCode'
  | 'error'
>;

function readRun(journal: ReturnType<typeof readJournal>): RunFacts {
  const started = journal.named('run.started')[0]?.data ?? {};
  const last = journal.named('run.started', 'run.finished').at(-1);
  // A resumed run starts again in the same journal: only an end after the last start counts.
  const finished = last?.event === 'run.finished' ? last : undefined;
  const { startMs } = journal;
  const durationMs = finished?.atMs ?? journal.lastAtMs;
  const instant = (offsetMs: number) => (startMs === null ? null : new Date(startMs + offsetMs).toISOString());
  return {
    runId: journal.runId,
    command: text(started, 'command', 'unknown'),
    args: texts(started, 'args'),
    project: text(started, 'project', 'unknown'),
    kmkVersion: textOrNull(started, 'kmkVersion'),
    startedAt: instant(0),
    finishedAt: finished === undefined ? null : instant(durationMs),
    durationMs,
    state: finished === undefined ? 'unfinished' : 'finished',
    exitCode: finished === undefined ? null : count(finished.data, 'exitCode'),
    error: finished === undefined ? null : textOrNull(finished.data, 'error'),
  };
}
