import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { eventually } from './kafka-tools.ts';
import type { KmkLab } from './kmk-lab.ts';
import type { EndState } from './lab-eye.ts';
import { LabEye } from './lab-eye.ts';
import { ExpectedValues } from './expected-values.ts';
import type { Strike, StruckMove } from './struck-move.ts';
import { struckMove } from './struck-move.ts';

const TOPIC = 'orders';
/** Records of one turn: processed before the move, waiting for the group, never copied, written on the other side. */
const SIZES = { read: 20, unread: 10, stranded: 5, there: 15 } as const;
const STRANDED_IN_0 = 2;
/** Of what is written on the other side the group leaves as much unread, all of it in partition 0. */
const LEFT_THERE = 2n;
const MOVES = {
  failover: ['failover', '--simulate'],
  switchover: ['switchover'],
  wave: ['switchover', '--topic', TOPIC],
} as const satisfies Record<Turn['kind'], readonly string[]>;
/** Connect tells its tasks' states a moment after kmk has asked for them. */
const SETTLE_LIMIT_MS = 20_000;
const POLL_MS = 250;

interface Check {
  readonly id: string;
  readonly verdict: string;
}

/** One move to the standby and back again, with the strikes at each. */
export interface Turn {
  readonly kind: 'failover' | 'switchover' | 'wave';
  readonly there: readonly Strike[];
  readonly back: readonly Strike[];
}

/** What a turn came to. */
export interface TurnResult {
  readonly there: EndState;
  readonly back: EndState;
  readonly struck: readonly Strike[];
  readonly story: string;
}

/**
 * A lab that moves there and back, turn after turn. Every value that was ever written must be where it belongs, once, and
 * the group must stand where the first turn, which nobody disturbs, has put it.
 */
export class ThereAndBack {
  readonly #lab: KmkLab;
  readonly #eye: LabEye;
  readonly #identity: boolean;
  readonly #copy: string;
  readonly #values = new ExpectedValues();
  readonly #reference = new Map<Turn['kind'], TurnResult>();
  #turns = 0;

  constructor(lab: KmkLab, policy: 'default' | 'identity') {
    this.#lab = lab;
    this.#identity = policy === 'identity';
    this.#copy = this.#identity ? TOPIC : `primary.${TOPIC}`;
    this.#eye = new LabEye(lab, 'g', this.#topics());
  }

  /** Deploys and creates the topic. */
  async begin(): Promise<void> {
    await this.#lab.ok('deploy');
    await this.#lab.ok('topic', 'create', TOPIC, '--partitions', '2');
  }

  /** One turn, compared with the first of its kind. */
  async turn({ kind, there, back }: Turn): Promise<TurnResult> {
    this.#turns += 1;
    const stranded = kind === 'failover' ? SIZES.stranded : 0;
    await this.#prepare(stranded);
    const { epoch } = await this.#eye.record();
    const known = this.#reference.get(kind);
    const moved = await struckMove(this.#lab, [...MOVES[kind], '--yes'], there);
    expect(moved.document, moved.story.join('; ')).toMatchObject({ kind: MOVES[kind][0], to: 'dr', verdict: 'pass' });
    const after = await this.#settled(epoch, known?.there, moved);
    await this.#compare(kind === 'failover' ? ['dr'] : ['primary', 'dr'], moved);

    await this.#write('dr', 'there', SIZES.there);
    await this.#eye.readAll('dr', this.#topics('dr'), LEFT_THERE);
    const choice = this.#identity ? 'replay' : 'export';
    const tail = stranded === 0 ? [] : ['--stranded', choice];
    const returned = await struckMove(this.#lab, ['failback', ...tail, '--yes'], back);
    if (choice === 'replay') this.#cross();
    const whole = {
      ...{ document: returned.document, struck: [...moved.struck, ...returned.struck] },
      story: [...moved.story, ...returned.story],
    };
    const home = await this.#settled(epoch, known?.back, whole);
    const again = await this.#compare(['primary', 'dr'], whole);
    this.#judge(whole, { stranded, duplicates: again.get('primary') ?? 0 });
    const result = { there: after, back: home, struck: whole.struck, story: whole.story.join('; ') };
    if (known === undefined) this.#reference.set(kind, result);
    return result;
  }

  /** kmk has counted what came back twice, and nothing else failed. */
  #judge({ document, story }: StruckMove, wanted: { readonly stranded: number; readonly duplicates: number }): void {
    expect(document, story.join('; ')).toMatchObject(wanted);
    const failed = (document['checks'] as readonly Check[]).filter(({ verdict }) => verdict !== 'pass');
    expect(
      failed.map(({ id }) => id),
      story.join('; '),
    ).toEqual(wanted.duplicates > 0 ? ['reverse.nothing-twice'] : []);
  }

  /** Clients at work: some records processed, some not, and of a source that is about to die some never copied. */
  async #prepare(stranded: number): Promise<void> {
    await this.#write('primary', 'read', SIZES.read);
    await this.#copied();
    await this.#eye.readAll('primary', this.#topics('primary'));
    // What a turn before has left unread there must not tell one turn from another.
    if (!this.#identity) await this.#eye.readAll('dr', [TOPIC]);
    await this.#eye.groupAtEnd('dr', [this.#copy]);
    await this.#write('primary', 'unread', SIZES.unread);
    await this.#copied();
    if (stranded === 0) return;
    await this.#lab.ok('flow', 'stop', 'primary->dr', '--yes');
    await this.#write('primary', 'stranded', stranded);
  }

  async #write(alias: 'primary' | 'dr', what: keyof typeof SIZES, count: number): Promise<void> {
    const values = Array.from({ length: count }, (_, index) => `${this.#turns}-${what}-${index}`);
    // A group that has left records of partition 0 unread reads its tail too, one at the end does not: no chance here.
    const tails = what === 'stranded' ? [values.slice(0, STRANDED_IN_0), values.slice(STRANDED_IN_0)] : [];
    for (const [partition, tail] of tails.entries()) await this.#eye.write(alias, TOPIC, tail, partition);
    if (what !== 'stranded') await this.#eye.write(alias, TOPIC, values);
    const other = alias === 'primary' ? 'dr' : 'primary';
    this.#values.mustHold(alias, TOPIC, values);
    if (what === 'stranded') this.#stranded = values;
    else this.#values.mustHold(other, this.#identity ? TOPIC : `${alias}.${TOPIC}`, values);
  }
  #stranded: readonly string[] = [];

  /** What was replayed is on the standby too. */
  #cross(): void {
    this.#values.mustHold('dr', TOPIC, this.#stranded);
    this.#stranded = [];
  }

  async #copied(): Promise<void> {
    const wanted = this.#values.count('dr', this.#copy);
    await eventually('the copy', async () => {
      const found = await this.#eye.values('dr', this.#copy).catch(() => []);
      return found.length >= wanted ? true : undefined;
    });
  }

  /**
   * Every value is where it belongs, once. Only a worker that was struck may have copied some of this turn again: MM2 is
   * at-least-once. Gives how many by cluster.
   */
  async #compare(aliases: readonly string[], moved: StruckMove): Promise<ReadonlyMap<string, number>> {
    const again = new Map<string, number>();
    for (const { alias, topic } of this.#values.places()) {
      // Before the way back has been taken nothing of the other side is here.
      if (!aliases.includes(alias) || (aliases.length === 1 && topic !== this.#copy)) continue;
      const { missing, surplus } = this.#values.compared(alias, topic, await this.#eye.values(alias, topic));
      const allowed = this.#mayCopyAgain(moved, alias, topic) ? surplus.filter((value) => this.#ofThisTurn(value)) : [];
      const where = `${alias} ${topic}: ${moved.story.join('; ')}`;
      expect({ missing, surplus }, where).toEqual({ missing: [], surplus: allowed });
      this.#values.mustHold(alias, topic, surplus);
      again.set(alias, (again.get(alias) ?? 0) + surplus.length);
    }
    return again;
  }

  #mayCopyAgain({ struck }: StruckMove, alias: string, topic: string): boolean {
    return (this.#identity || topic !== TOPIC) && struck.some(({ service }) => service === `${alias}-connect`);
  }

  #ofThisTurn(value: string): boolean {
    return value.startsWith(`${this.#turns}-`);
  }

  /** The state, as soon as it is the one that is known, but for what a worker has copied again: it may be unread. */
  async #settled(since: number, known: EndState | undefined, moved: StruckMove): Promise<EndState> {
    if (known === undefined) return this.#eye.state(since);
    const deadline = performance.now() + SETTLE_LIMIT_MS;
    for (;;) {
      const found = await this.#eye.state(since);
      if (isDeepStrictEqual(await this.#withoutAgain(found, known, moved), known)) return known;
      if (performance.now() > deadline) {
        expect.fail(`${moved.story.join('; ')}\nfound ${JSON.stringify(found)}\nnot   ${JSON.stringify(known)}`);
      }
      await sleep(POLL_MS);
    }
  }

  /** That state with the unread numbers that are known where what was copied again explains them. */
  async #withoutAgain(found: EndState, known: EndState, moved: StruckMove): Promise<EndState> {
    const unread: Record<string, string> = {};
    for (const [place, left] of Object.entries(found.unread)) {
      unread[place] = left;
      const [alias = '', topic = ''] = place.split(' ');
      const before = known.unread[place] ?? '';
      if (!/^\d+$/.test(left) || !/^\d+$/.test(before) || !this.#mayCopyAgain(moved, alias, topic)) continue;
      const { surplus } = this.#values.compared(alias, topic, await this.#eye.values(alias, topic));
      const more = Number(left) - Number(before);
      if (more > 0 && more <= surplus.length) unread[place] = before;
    }
    return { ...found, unread };
  }

  #topics(alias?: 'primary' | 'dr'): readonly string[] {
    if (this.#identity) return [TOPIC];
    const [home, away] = [`dr.${TOPIC}`, `primary.${TOPIC}`];
    if (alias === 'primary') return [TOPIC, home];
    return alias === 'dr' ? [TOPIC, away] : [TOPIC, home, away];
  }
}
