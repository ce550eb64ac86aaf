import type { Loss, Recovery } from '../domain/documents.ts';

/** `1,234`; "–" for null. Always the same grouping, so that reports do not depend on the machine's locale. */
export function formatCount(value: number | null): string {
  if (value === null) return '–';
  return Number.isInteger(value) ? String(value).replace(/\B(?=(?:\d{3})+$)/g, ',') : String(value);
}

/** `840 ms`, `12.3 s`, `2 min 05 s`, `1 h 02 min`; "–" for null. */
export function formatDuration(ms: number | null): string {
  if (ms === null) return '–';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${pad(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

/** A moment on the run's time axis: `+12.345 s`. */
export function formatMoment(atMs: number): string {
  return `+${(atMs / 1000).toFixed(3)} s`;
}

/** `2026-03-04 09:15:00 UTC`; "–" for null. */
export function formatInstant(iso: string | null): string {
  return iso === null ? '–' : `${iso.slice(0, 19).replace('T', ' ')} UTC`;
}

/** `58 records (290 ms), by ledger`. */
export function formatLoss(loss: Loss | null): string {
  if (loss === null || loss.records === null) return loss === null ? 'not measured' : `unknown, by ${loss.basis}`;
  const time = loss.ms === null ? '' : ` (${formatDuration(loss.ms)})`;
  return `${formatCount(loss.records)} ${loss.records === 1 ? 'record' : 'records'}${time}, by ${loss.basis}`;
}

/** `write 3.2 s, read 3.9 s, RTO 3.9 s`. */
export function formatRecovery(recovery: Recovery | null): string {
  if (recovery === null) return 'not measured';
  const { writeMs, readMs, rtoMs } = recovery;
  return `write ${formatDuration(writeMs)}, read ${formatDuration(readMs)}, RTO ${formatDuration(rtoMs)}`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
