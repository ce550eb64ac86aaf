import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { eventually } from './kafka-tools.ts';
import type { KmkLab } from './kmk-lab.ts';
import type { EndState } from './lab-eye.ts';
import { LabEye } from './lab-eye.ts';
import type { Strike } from './struck-move.ts';
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
  /** Values by cluster and topic, as they must be found. */
  readonly #expected = new Map<string, string[]>();
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
    const after = await this.#settled(epoch, known?.there, moved.story);
    await this.#compare(kind === 'failover' ? ['dr'] : ['primary', 'dr'], moved.story);

    await this.#write('dr', 'there', SIZES.there);
    await this.#eye.readAll('dr', this.#topics('dr'), LEFT_THERE);
    const choice = this.#identity ? 'replay' : 'export';
    const tail = stranded === 0 ? [] : ['--stranded', choice];
    const returned = await struckMove(this.#lab, ['failback', ...tail, '--yes'], back);
    if (choice === 'replay') this.#cross();
    expect(returned.document, returned.story.join('; ')).toMatchObject({ verdict: 'pass', duplicates: 0, stranded });
    const story = [...moved.story, ...returned.story];
    const home = await this.#settled(epoch, known?.back, story);
    await this.#compare(['primary', 'dr'], story);
    const struck = [...moved.struck, ...returned.struck];
    const result = { there: after, back: home, struck, story: story.join('; ') };
    if (known === undefined) this.#reference.set(kind, result);
    return result;
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
    this.#mustHold(alias, TOPIC, values);
    if (what === 'stranded') this.#stranded = values;
    else this.#mustHold(other, this.#identity ? TOPIC : `${alias}.${TOPIC}`, values);
  }
  #stranded: readonly string[] = [];

  /** What was replayed is on the standby too. */
  #cross(): void {
    this.#mustHold('dr', TOPIC, this.#stranded);
    this.#stranded = [];
  }

  #mustHold(alias: string, topic: string, values: readonly string[]): void {
    const key = `${alias} ${topic}`;
    this.#expected.set(key, [...(this.#expected.get(key) ?? []), ...values].toSorted());
  }

  async #copied(): Promise<void> {
    const wanted = this.#expected.get(`dr ${this.#copy}`)?.length ?? 0;
    await eventually('the copy', async () => {
      const found = await this.#eye.values('dr', this.#copy).catch(() => []);
      return found.length >= wanted ? true : undefined;
    });
  }

  /** Every value is where it belongs, once. */
  async #compare(aliases: readonly string[], story: readonly string[]): Promise<void> {
    for (const [key, values] of this.#expected) {
      const [alias = '', topic = ''] = key.split(' ');
      // Before the way back has been taken nothing of the other side is here.
      if (!aliases.includes(alias) || (aliases.length === 1 && topic !== this.#copy)) continue;
      expect(await this.#eye.values(alias, topic), `${key}: ${story.join('; ')}`).toEqual(values);
    }
  }

  /** The state, as soon as it is the one that is known. */
  async #settled(since: number, known: EndState | undefined, story: readonly string[]): Promise<EndState> {
    if (known === undefined) return this.#eye.state(since);
    const deadline = performance.now() + SETTLE_LIMIT_MS;
    for (;;) {
      const found = await this.#eye.state(since);
      if (isDeepStrictEqual(found, known)) return known;
      if (performance.now() > deadline) {
        expect.fail(`${story.join('; ')}\nfound ${JSON.stringify(found)}\nnot   ${JSON.stringify(known)}`);
      }
      await sleep(POLL_MS);
    }
  }

  #topics(alias?: 'primary' | 'dr'): readonly string[] {
    if (this.#identity) return [TOPIC];
    const [home, away] = [`dr.${TOPIC}`, `primary.${TOPIC}`];
    if (alias === 'primary') return [TOPIC, home];
    return alias === 'dr' ? [TOPIC, away] : [TOPIC, home, away];
  }
}
