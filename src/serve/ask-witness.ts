import type { AskWitness } from '../app/ports/watch-endpoint.ts';
import type { WatchDocument } from '../domain/watch/document.ts';

/** A status document takes a few KiB; something else at that address may send without an end. */
const MOST_BYTES = 1_000_000;

/** See the port. Whatever goes wrong there is no answer: a witness decides nothing by failing. */
export const askWitness: AskWitness = async (url, timeoutMs, signal) => {
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const response = await fetch(new URL('/status', url), { signal: limit, redirect: 'error' });
    if (!response.ok || response.body === null) return null;
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of response.body) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      if (text.length > MOST_BYTES) return null;
    }
    return toDocument(JSON.parse(text));
  } catch {
    return null;
  }
};

/** Only what is read of a witness is checked. */
function toDocument(value: unknown): WatchDocument | null {
  if (typeof value !== 'object' || value === null) return null;
  const { schema, at, clusters } = value as { schema?: unknown; at?: unknown; clusters?: unknown };
  if (schema !== 'kmk.watch/v1' || typeof at !== 'string' || !Array.isArray(clusters)) return null;
  return clusters.every((cluster) => typeof cluster === 'object' && cluster !== null) ? (value as WatchDocument) : null;
}
