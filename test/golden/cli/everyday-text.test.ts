import { describe, expect, it } from 'vitest';
import { recordText } from '../../../src/cli/commands/consume.ts';
import { doctorText } from '../../../src/cli/commands/doctor.ts';
import { flowText } from '../../../src/cli/commands/flow-describe.ts';
import { groupText } from '../../../src/cli/commands/group-describe.ts';
import { groupsText } from '../../../src/cli/commands/group-list.ts';
import { resetText } from '../../../src/cli/commands/group-reset.ts';
import { offsetsText } from '../../../src/cli/commands/offsets-show.ts';
import { perfText } from '../../../src/cli/commands/perf.ts';
import { produceText } from '../../../src/cli/commands/produce.ts';
import { topicText } from '../../../src/cli/commands/topic-describe.ts';
import { topicsText } from '../../../src/cli/commands/topic-list.ts';
import { verifyText } from '../../../src/cli/commands/verify.ts';
import { PLAIN } from '../../../src/cli/paint.ts';
import {
  DOCTOR,
  FLOW,
  GROUP,
  GROUPS,
  OFFSETS,
  PERF,
  PRODUCE,
  RESET,
  TOPIC,
  TOPICS,
  VERIFY,
} from './everyday-documents.ts';

/** What people see of each document, as written down beside this test. */
const TEXTS: readonly (readonly [string, string])[] = [
  ['produce', produceText(PRODUCE)],
  ['topic-list', topicsText(TOPICS)],
  ['topic-list-empty', topicsText({ ...TOPICS, topics: [] })],
  ['topic-describe', topicText(TOPIC, PLAIN)],
  ['group-list', groupsText(GROUPS)],
  ['group-describe', groupText(GROUP, PLAIN)],
  ['group-reset', resetText(RESET)],
  ['flow-describe', flowText(FLOW, PLAIN)],
  ['offsets-show', offsetsText(OFFSETS, PLAIN)],
  ['verify', verifyText(VERIFY, PLAIN)],
  ['doctor', doctorText(DOCTOR, PLAIN)],
  ['perf', perfText(PERF)],
  ['perf-without-flow', perfText({ ...PERF, replication: null })],
];

describe('the text of', () => {
  it.each(TEXTS)('%s is as written down', async (name, text) => {
    expect(text).not.toMatch(/[ \n]$/);
    await expect(`${text}\n`).toMatchFileSnapshot(`__snapshots__/text/${name}.txt`);
  });
});

describe('a record', () => {
  const record = { topic: 't', partition: 1, offset: '12', timestamp: '2026-11-21T09:30:00.000Z', headers: {} };
  it('is one line, whatever it holds', () => {
    const text = recordText(
      { ...record, key: 'k\n1', value: 'a\tb\u001b[31m\r\nc', headers: { h: ['1', '2'], x: 'y' } },
      PLAIN,
    );
    expect(text).toBe('1@12  k\\n1  a\\tb\\x1b[31m\\x0d\\nc  {h=1,2, x=y}');
  });

  it('says null for a tombstone and leaves an absent key out', () => {
    expect(recordText({ ...record, key: null, value: null }, PLAIN)).toBe('1@12  null');
    expect(recordText({ ...record, key: '', value: '' }, PLAIN)).toBe('1@12    ');
  });
});
