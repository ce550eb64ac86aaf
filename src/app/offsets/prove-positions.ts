import type { ContentWindow } from '../../domain/content-window.ts';
import type { Evidence, TranslatedBack, Wanted } from '../../domain/exact-translation.ts';
import type { Flow } from '../../domain/setup.ts';
import { flowId } from '../../domain/setup.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { mapLimited } from '../map-limited.ts';
import { step } from '../step.ts';
import type { Twin } from './content-walk.ts';
import { compareContents } from './content-walk.ts';

/** Windows held in memory at once. */
const PARALLEL_WINDOWS = 4;
/** A window, what lies behind the last sync, and all up to the end: after these nothing is left to ask for. */
const MOST_ROUNDS = 3;

/** A position of a partition, asked for with what has been compared so far. */
export interface Question {
  readonly twin: Twin;
  readonly ask: (evidence: Pick<Evidence, 'windows'>) => TranslatedBack;
}

/** Windows by `partitionKey` of the source partition. */
export type Windows = ReadonlyMap<string, readonly ContentWindow[]>;

/**
 * Compares contents of both sides wherever a question lacks a proof that this could bring. Questions of one partition
 * share their windows. Both clusters must answer.
 */
export async function compareWhereNeeded(
  lab: Lab,
  flow: Flow,
  questions: readonly Question[],
  signal: AbortSignal,
): Promise<Windows> {
  const windows = new Map<string, readonly ContentWindow[]>();
  const refused = new Set<string>();
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const wanted = wantedOf(questions, windows).filter(({ key }) => !refused.has(key));
    if (wanted.length === 0) break;
    let done = 0;
    const id = `offsets.compare ${flowId(flow)} ${round + 1}`;
    await step(lab.tools, id, 'offsets', `comparing ${wanted.length} windows of ${flowId(flow)}`, async () => {
      await mapLimited(wanted, PARALLEL_WINDOWS, async ({ key, twin, range }) => {
        const window = await compareContents(lab, flow, twin, range, signal);
        done += 1;
        const text = `${done} of ${wanted.length} windows`;
        lab.tools.events.emit('step.progress', { id, text, done, total: wanted.length });
        if (window === null) refused.add(key);
        else windows.set(partitionKey(twin), [...(windows.get(partitionKey(twin)) ?? []), window]);
      });
    });
  }
  return windows;
}

interface WantedOf {
  readonly key: string;
  readonly twin: Twin;
  readonly range: Wanted;
}

function wantedOf(questions: readonly Question[], windows: Windows): readonly WantedOf[] {
  const found = new Map<string, WantedOf>();
  for (const { twin, ask } of questions) {
    const range = ask({ windows: windows.get(partitionKey(twin)) ?? [] }).wanted;
    if (range === null) continue;
    const { from, to } = range;
    const key = [partitionKey(twin), from.upstream, from.downstream, to?.downstream ?? ''].join(' ');
    const known = found.get(key);
    if (known === undefined || known.range.sourceFrom > range.sourceFrom) found.set(key, { key, twin, range });
  }
  return [...found.values()].filter((one) => ![...found.values()].some((other) => isWithin(one, other)));
}

/** A window up to the end that begins further back answers for the other one as well. */
function isWithin(one: WantedOf, other: WantedOf): boolean {
  if (one === other || partitionKey(one.twin) !== partitionKey(other.twin)) return false;
  const [a, b] = [one.range, other.range];
  return (
    a.to === null &&
    b.to === null &&
    // What the source has lost since the beginning would put the others in doubt.
    b.from.downstream >= 0n &&
    b.from.downstream < a.from.downstream &&
    b.from.upstream <= a.from.upstream &&
    b.sourceFrom <= a.sourceFrom &&
    isLarge(b.from.downstream, one.twin.remoteEnd) === isLarge(a.from.downstream, one.twin.remoteEnd)
  );
}

/** Windows of a size that is not compared must not stand for one that is. */
function isLarge(from: bigint, end: bigint): boolean {
  return end - from > 500_000n;
}
