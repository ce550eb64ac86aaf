import type { RecordReader } from '../app/ports/record-client.ts';
import { READ_COMMITTED, READ_UNCOMMITTED } from './admin/log-offsets.ts';
import { ClusterClient } from './client/cluster-client.ts';
import type { ConnectOptions } from './client/connect-options.ts';
import { readPositions } from './records/partition-reader.ts';

export interface RecordReaderOptions extends ConnectOptions {
  /** Default "read_committed": without records of open and aborted transactions. */
  readonly isolation?: 'read_committed' | 'read_uncommitted';
}

/** Reads without a group. `read` resolves when its signal aborts or every end is reached; one reader may run several. */
export function createRecordReader(options: RecordReaderOptions): RecordReader {
  const cluster = new ClusterClient(options);
  const isolation = options.isolation === 'read_uncommitted' ? READ_UNCOMMITTED : READ_COMMITTED;
  return {
    async read(positions, onRecord, signal) {
      if (positions.length === 0) return;
      const ends = positions.map((position) => ({ ...position, end: position.end ?? null }));
      try {
        await readPositions(cluster, { positions: ends, isolation, onRecord, signal });
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
    [Symbol.asyncDispose]: () => {
      cluster.close();
      return Promise.resolve();
    },
  };
}
