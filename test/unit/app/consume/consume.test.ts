import { describe, expect, it } from 'vitest';
import type { ConsumeOutcome } from '../../../../src/app/consume/consume.ts';
import { consume } from '../../../../src/app/consume/consume.ts';
import type { KafkaAdmin } from '../../../../src/app/ports/kafka-admin.ts';
import type { StoredRecord } from '../../../../src/app/ports/stored-record.ts';
import type { SubscribeOptions } from '../../../../src/app/ports/record-client.ts';
import { KmkError } from '../../../../src/domain/errors.ts';
import { fakeLab } from '../../../fakes/lab.ts';

const REFUSED = new KmkError('KMK_COMMIT_UNACKNOWLEDGED', 'the last positions of group "g" were not committed: why', {
  hints: ['Run `kmk group describe g`.'],
});

function record(offset: bigint): StoredRecord {
  const at = { topic: 'orders', partition: 0, offset, timestampMs: 0, headers: [] };
  return { ...at, key: null, value: null };
}

/** Reads five records with a member that is refused its last commit; `interruptAt`: Ctrl-C comes with that record. */
async function read(interruptAt: number | null): Promise<ConsumeOutcome & { hurried: boolean | undefined }> {
  const lab = fakeLab();
  const interrupt = new AbortController();
  let hurried: boolean | undefined;
  const run = ({ onRecord, signal, hurry }: SubscribeOptions): Promise<void> => {
    for (let offset = 0n; !signal.aborted; offset += 1n) {
      if (Number(offset) === interruptAt) interrupt.abort();
      else void onRecord(record(offset));
    }
    hurried = hurry?.aborted;
    return Promise.reject(REFUSED);
  };
  const range = { topic: 'orders', partition: 0, start: 0n, end: 100n };
  const admin = { logRanges: () => Promise.resolve([range]) } as Partial<KafkaAdmin> as KafkaAdmin;
  const tools = {
    ...lab.tools,
    admin: () => Promise.resolve(admin),
    consumer: () => Promise.resolve({ run, abandon: () => undefined }),
  };
  const request = {
    ...{ topic: 'orders', cluster: undefined, group: 'g', messages: 5, start: { kind: 'beginning' } as const },
    ...{ partition: null, follow: false, timeoutMs: null, onRecord: () => undefined },
  };
  return { ...(await consume({ ...lab, tools }, request, interrupt.signal)), hurried };
}

describe('consume in a group whose last commit is not acknowledged', () => {
  it('says so where everything wanted was read, and gives the commit its time', async () => {
    expect(await read(null)).toMatchObject({ count: 5, error: REFUSED, hurried: false });
  });

  it('stays interrupted after Ctrl-C, says so too, and is told to hurry', async () => {
    const { error, ...outcome } = await read(3);
    expect(outcome).toMatchObject({ count: 3, hurried: true });
    expect(error).toMatchObject({
      code: 'KMK_INTERRUPTED',
      message: 'interrupted after 3 records; the last positions of group "g" were not committed: why',
      hints: REFUSED.hints,
    });
  });
});
