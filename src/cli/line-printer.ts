import type { TextOut } from './streams.ts';

const CHUNK = 64 * 1024;

/** Prints lines as they come, many to a write when they come fast. */
export interface LinePrinter {
  /** A promise where the reader of the stream has to catch up first. */
  line(text: string): void | Promise<void>;
  /** Writes what is left. */
  flush(): Promise<void>;
}

export function createLinePrinter(out: TextOut): LinePrinter {
  let lines: string[] = [];
  let size = 0;
  let planned = false;
  const flush = (): Promise<void> => {
    if (lines.length === 0) return Promise.resolve();
    const text = lines.join('');
    lines = [];
    size = 0;
    return out.write(text);
  };
  return {
    line(text) {
      lines.push(`${text}\n`);
      size += text.length;
      if (size >= CHUNK) return flush();
      if (!planned) {
        planned = true;
        setImmediate(() => {
          planned = false;
          void flush();
        });
      }
      return undefined;
    },
    flush,
  };
}
