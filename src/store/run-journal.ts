import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../app/ports/clock.ts';
import type { EventSink } from '../app/ports/event-sink.ts';
import type { RunJournal } from '../app/ports/run-store.ts';
import type { AnyEvent, EventData, EventLevel, EventName, KmkEvent } from '../domain/events.ts';
import { EVENT_LEVELS } from '../domain/events.ts';

/**
 * Appends every event as one JSON line, in order, before `emit` returns: what the journal says has happened has
 * happened, also when kmk is killed right after. Forwards each event to the sinks that show it.
 */
export function openRunJournal(path: string, runId: string, clock: Clock, forward: EventSink): RunJournal {
  mkdirSync(dirname(path), { recursive: true });
  const { last, torn } = lastOf(path);
  const file = openSync(path, 'a');
  let seq = last;
  let open = true;
  let complete = true;
  const write = (line: string): void => {
    try {
      writeSync(file, line);
    } catch (error) {
      // A full disk must not keep anybody from destroying the lab that filled it.
      if (complete) forward.emit('warning', { text: `the journal "${path}" has a gap: ${String(error)}` });
      complete = false;
    }
  };
  // A crash in the middle of a line must not swallow the next one.
  if (torn) write('\n');
  return {
    runId,
    emit<N extends EventName>(event: N, data: EventData[N], level: EventLevel = EVENT_LEVELS[event]): void {
      if (open) {
        seq += 1;
        const at = new Date(clock.now()).toISOString();
        const envelope: KmkEvent<N> = { v: 1, seq, at, runId, level, event, data };
        write(`${JSON.stringify(envelope satisfies KmkEvent<N> | AnyEvent)}\n`);
      }
      forward.emit(event, data, level);
    },
    close() {
      if (!open) return;
      open = false;
      closeSync(file);
    },
  };
}

/** The number of the last event in a journal that another process wrote, and whether its last line is whole. */
function lastOf(path: string): { readonly last: number; readonly torn: boolean } {
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    // The usual case: a new run.
  }
  const lines = text.split('\n').filter((line) => line !== '');
  return { last: lines.length, torn: text !== '' && !text.endsWith('\n') };
}
