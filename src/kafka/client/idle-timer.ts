import type { RequestQueue } from './kafkajs-internals.ts';
import { loadInternals } from './kafkajs-internals.ts';

const CHECK_INTERVAL_MS = 10;
let patched = false;

/**
 * Stops the 1 ms timer loop that kafkajs 2.2.4 runs on every idle connection (tulios/kafkajs#1751): a timer is armed
 * only while requests wait behind a throttle or an in-flight limit. Applies once per process.
 */
export function patchIdleTimer(): void {
  if (patched) return;
  patched = true;
  loadInternals().RequestQueue.prototype.scheduleCheckPendingRequests = scheduleCheckPendingRequests;
}

function scheduleCheckPendingRequests(this: RequestQueue): void {
  if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return;
  const throttledMs = this.throttledUntil - Date.now();
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    },
    throttledMs > 0 ? throttledMs : CHECK_INTERVAL_MS,
  );
}
