import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Execution, StepBody } from '../../../src/app/execute-plan.ts';
import { executePlan, rollBackPlan } from '../../../src/app/execute-plan.ts';
import { KmkError } from '../../../src/domain/errors.ts';
import type { AnyEvent } from '../../../src/domain/events.ts';
import { planFailback } from '../../../src/domain/plan/plan-failback.ts';
import { planFailover } from '../../../src/domain/plan/plan-failover.ts';
import { planSwitchover } from '../../../src/domain/plan/plan-switchover.ts';
import type { PlanDocument } from '../../../src/domain/plan/plan.ts';
import { isFinal, NOT_BEGUN, progressOf } from '../../../src/domain/plan/progress.ts';
import { fakeToolbox } from '../../fakes/toolbox.ts';
import { snapshotOf } from '../domain/plan/snapshots.ts';

const FAILOVER = planFailover(snapshotOf(), { simulate: 'kill', force: false });
const FAILBACK = planFailback(snapshotOf({ from: 'dr', to: 'primary', active: 'dr' }));
const SWITCHOVER = planSwitchover(snapshotOf(), { maxLag: null });
const REPLAY = planFailback(snapshotOf({ from: 'dr', to: 'primary', active: 'dr', policy: 'identity' }), {
  ...{ stranded: 'replay', tail: 'skip', acceptLoss: null },
});
const PLANS = [FAILOVER, FAILBACK, REPLAY, SWITCHOVER] as const;

/** No step comes to its deadline here. */
function untilAborted(_ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(new Error('over'))));
}

/** A world in which each step sets a mark, undo removes it, and `crash` ends the process at a point. */
class World {
  readonly plan: PlanDocument;
  readonly marks = new Set<string>();
  readonly applied: string[] = [];
  readonly tools = { ...fakeToolbox(), clock: { now: () => 0, sleep: untilAborted } };
  found: Record<string, unknown> = {};
  crash: { step: string; when: 'before' | 'in' | 'after' } | null = null;
  onStep: (id: string) => void = () => undefined;
  /** Why the lease cannot be shown to be held. */
  taken: KmkError | null = null;
  hook: (when: string, id: string) => Promise<void> = () => Promise.resolve();

  constructor(plan: PlanDocument) {
    this.plan = plan;
  }

  get events(): readonly AnyEvent[] {
    return this.tools.events.emitted as unknown as readonly AnyEvent[];
  }

  execution(overrides: Record<string, StepBody<World>> = {}): Execution<World> {
    return {
      plan: this.plan,
      tools: this.tools,
      context: this,
      bodies: ({ id }) => overrides[id] ?? this.body(id),
      around: async (_, work) => {
        await work();
      },
      copied: () => Promise.resolve(),
      stillOurs: () => (this.taken === null ? Promise.resolve() : Promise.reject(this.taken)),
      hooks: (when, { id }) => this.hook(when, id),
      keep: (_, found) => Promise.resolve(found),
      recall: (found) => Promise.resolve(found),
      learn: (found) => {
        this.found = { ...this.found, ...found };
      },
    };
  }

  body(id: string): StepBody<World> {
    const strike = (when: 'before' | 'in' | 'after'): void => {
      if (this.crash?.step === id && this.crash.when === when) throw new Error('crash');
    };
    return {
      precondition: () => {
        strike('before');
        return Promise.resolve();
      },
      apply: () => {
        this.onStep(id);
        this.applied.push(id);
        if (this.crash?.when === 'in') strike('in');
        this.marks.add(id);
        strike('after');
        return Promise.resolve({ [id]: true });
      },
      inEffect: () => Promise.resolve(this.marks.has(id)),
      undo: () => {
        this.marks.delete(id);
        return Promise.resolve();
      },
    };
  }

  /** As `body`; the fence is opened where a later step fails. */
  bodyWithFence(id: string): StepBody<World> {
    const release = (): Promise<void> => Promise.resolve(void this.marks.delete(id));
    return id === 'fence' ? { ...this.body(id), release } : this.body(id);
  }

  run(signal = new AbortController().signal): Promise<void> {
    return executePlan(this.execution(), progressOf(this.plan, this.events), signal);
  }

  rollBack(): Promise<readonly string[]> {
    return rollBackPlan(this.execution(), progressOf(this.plan, this.events));
  }
}

/** Time that a test lets pass: who sleeps wakes up when it has come. */
function handClock() {
  const sleepers = new Set<{ readonly ms: number; readonly wake: () => void }>();
  const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((wake, reject) => {
      const sleeper = { ms, wake };
      sleepers.add(sleeper);
      signal?.addEventListener('abort', () => {
        sleepers.delete(sleeper);
        reject(new Error('over'));
      });
    });
  const pass = (ms: number): void => sleepers.forEach((at) => at.ms <= ms && at.wake());
  return { now: () => 0, sleep, pass };
}

describe('the deadline of a pause', () => {
  const pause = { from: 'fence', until: 'promote', ms: 10_000 };
  const slowIn = (slow: string, passed: number) => {
    const world = new World(SWITCHOVER);
    const clock = handClock();
    const waits = (signal: AbortSignal): Promise<void> =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('cut short')));
        clock.pass(passed);
        setImmediate(resolve);
      });
    const apply = (_: World, signal: AbortSignal): Promise<unknown> => waits(signal);
    const execution = { ...world.execution({ [slow]: { ...world.body(slow), apply } }), pause };
    const run = executePlan(
      { ...execution, tools: { ...world.tools, clock } },
      NOT_BEGUN,
      new AbortController().signal,
    );
    return { world, run };
  };

  it('ends a move that keeps clients out for longer, before the promotion', async () => {
    const { world, run } = slowIn('drain', 10_000);
    await expect(run).rejects.toMatchObject({ code: 'KMK_WAIT_TIMEOUT' });
    await expect(run).rejects.toThrow('clients were refused for 10 s');
    expect(world.marks.has('promote')).toBe(false);
  });

  it.each(['prepare', 'promote', 'reverse'])('does not count what clients do not wait for: %s', async (slow) => {
    const { world, run } = slowIn(slow, 10_000);
    await run;
    expect(world.applied).toContain('verify');
  });

  it('does not end a move that takes less', async () => {
    const { world, run } = slowIn('drain', 9_999);
    await run;
    expect(world.marks.has('promote')).toBe(true);
  });
});

const strikes = fc.record({
  plan: fc.constantFrom(...PLANS),
  at: fc.nat(),
  when: fc.constantFrom('before' as const, 'in' as const, 'after' as const),
});

describe('a plan that is cut short anywhere', () => {
  it('comes to the same end when it is resumed, doing no finished step again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...PLANS), fc.array(strikes, { maxLength: 4 }), async (plan, blows) => {
        const world = new World(plan);
        for (const { at, when } of blows) {
          world.crash = { step: plan.steps[at % plan.steps.length]?.id ?? '', when };
          await world.run().catch(() => undefined);
        }
        world.crash = null;
        await world.run();
        expect([...world.marks].toSorted()).toEqual(plan.steps.map(({ id }) => id).toSorted());
        expect(Object.keys(world.found).toSorted()).toEqual([...world.marks].toSorted());
        for (const { id } of plan.steps) {
          const strikesHere = blows.filter(({ at }) => plan.steps[at % plan.steps.length]?.id === id).length;
          expect(world.applied.filter((step) => step === id).length).toBeLessThanOrEqual(1 + strikesHere);
        }
      }),
    );
  });

  it('comes to the same end from every position of its journal, as after a kill -9', async () => {
    for (const plan of PLANS) {
      const whole = new World(plan);
      await whole.run();
      for (let position = 0; position <= whole.events.length; position += 1) {
        const later = new World(plan);
        const progress = progressOf(plan, whole.events.slice(0, position));
        await executePlan(later.execution(), progress, new AbortController().signal);
        const ids = plan.steps.map(({ id }) => id);
        expect([...progress.done, ...later.applied]).toEqual(ids);
        expect(Object.keys(later.found).toSorted()).toEqual(ids.toSorted());
      }
    }
  });

  it('is taken back whole until the point of no return, and not at all beyond it', async () => {
    await fc.assert(
      fc.asyncProperty(strikes, async ({ plan, at, when }) => {
        const world = new World(plan);
        const index = at % plan.steps.length;
        world.crash = { step: plan.steps[index]?.id ?? '', when };
        await world.run().catch(() => undefined);
        const before = new Set(world.marks);
        const limit = plan.steps.findIndex(isFinal);
        const beyond = index > limit || (index === limit && when === 'after');
        if (beyond) {
          await expect(world.rollBack()).rejects.toMatchObject({ code: 'KMK_WRONG_STATE' });
          expect(world.marks).toEqual(before);
        } else {
          const undone = await world.rollBack();
          const stays = plan.steps.filter(({ id, stands }) => stands === true && before.has(id)).map(({ id }) => id);
          expect([...world.marks]).toEqual(stays);
          expect(undone).not.toEqual(expect.arrayContaining(stays.length === 0 ? ['nothing'] : stays));
          expect(progressOf(plan, world.events)).toMatchObject({ closed: 'rolled-back', done: new Set() });
        }
      }),
    );
  });
});

describe('taking back', () => {
  it('says what could not be undone and how to go on, and begins there when it is called again', async () => {
    const world = new World(SWITCHOVER);
    world.crash = { step: 'offsets', when: 'in' };
    await world.run().catch(() => undefined);
    const down = (): Promise<void> => Promise.reject(new KmkError('KMK_KAFKA_UNREACHABLE', 'no broker answers'));
    const attempt = (fence: StepBody<World>) =>
      rollBackPlan(world.execution({ fence }), progressOf(SWITCHOVER, world.events));
    await expect(attempt({ ...world.body('fence'), undo: down })).rejects.toMatchObject({
      code: 'KMK_PARTLY_DONE',
      message: '"fence" could not be undone: no broker answers',
      hints: [expect.stringMatching(/^Undone so far: offsets, stop-flow, drain\. Run `kmk resume --rollback`/)],
    });
    expect(await attempt(world.body('fence'))).toEqual(['fence', 'prepare']);
    expect([...world.marks]).toEqual([]);
  });
});

describe('a step whose undoing was cut short', () => {
  const down = new KmkError('KMK_KAFKA_UNREACHABLE', 'no broker answers');

  it('is done again when the plan is gone on with: a part of it may be undone', async () => {
    const ids = SWITCHOVER.steps.map(({ id }) => id);
    for (const id of ids.slice(0, ids.indexOf('offsets'))) {
      const world = new World(SWITCHOVER);
      world.crash = { step: 'offsets', when: 'in' };
      await world.run().catch(() => undefined);
      const half: StepBody<World> = {
        ...world.body(id),
        undo: () => {
          world.marks.delete(id);
          return Promise.reject(down);
        },
      };
      const progress = progressOf(SWITCHOVER, world.events);
      await expect(rollBackPlan(world.execution({ [id]: half }), progress)).rejects.toMatchObject({
        code: 'KMK_PARTLY_DONE',
      });
      world.crash = null;
      await world.run();
      expect([...world.marks].toSorted(), id).toEqual(ids.toSorted());
    }
  });

  it('is a fence, too, that could not be opened when a later step failed', async () => {
    const world = new World(SWITCHOVER);
    const halfOpen: StepBody<World> = {
      ...world.body('fence'),
      release: () => {
        world.marks.delete('fence');
        return Promise.reject(down);
      },
    };
    world.crash = { step: 'offsets', when: 'in' };
    const attempt = executePlan(world.execution({ fence: halfOpen }), NOT_BEGUN, new AbortController().signal);
    await expect(attempt).rejects.toBe(down);
    world.crash = null;
    await world.run();
    expect([...world.marks].toSorted()).toEqual(SWITCHOVER.steps.map(({ id }) => id).toSorted());
  });
});

describe('an abort', () => {
  it.each(SWITCHOVER.steps.map((step) => [step.id, step] as const))(
    'in %s is what the run ends with, whatever the step fails with; where the step may not be cut short its failure is',
    async (id, step) => {
      const world = new World(SWITCHOVER);
      const controller = new AbortController();
      const failing: StepBody<World> = {
        apply: () => {
          controller.abort(new KmkError('KMK_INTERRUPTED', 'interrupted'));
          return Promise.reject(new KmkError('KMK_KAFKA_UNREACHABLE', 'the connection was closed'));
        },
      };
      await expect(executePlan(world.execution({ [id]: failing }), NOT_BEGUN, controller.signal)).rejects.toMatchObject(
        {
          code: isFinal(step) ? 'KMK_KAFKA_UNREACHABLE' : 'KMK_INTERRUPTED',
        },
      );
    },
  );

  it('starts no further step, and lets one that cannot be undone come to its end', async () => {
    for (const { id } of FAILOVER.steps) {
      const world = new World(FAILOVER);
      const controller = new AbortController();
      world.onStep = (step) => {
        if (step === id) controller.abort(new KmkError('KMK_INTERRUPTED', 'interrupted'));
      };
      const last = FAILOVER.steps.at(-1)?.id === id;
      const run = world.run(controller.signal);
      if (last) await run;
      else await expect(run).rejects.toMatchObject({ code: 'KMK_INTERRUPTED' });
      expect(world.applied.at(-1)).toBe(id);
    }
    const seen: boolean[] = [];
    const world = new World(FAILOVER);
    const controller = new AbortController();
    const bodies = {
      promote: {
        apply: (_: World, signal: AbortSignal) => {
          controller.abort();
          seen.push(signal.aborted);
          return Promise.resolve();
        },
      },
    };
    const none = progressOf(FAILOVER, []);
    await expect(executePlan(world.execution(bodies), none, controller.signal)).rejects.toThrow();
    expect(seen).toEqual([false]);
  });
});

describe('a failure behind a fence', () => {
  it('opens the fence at once, and a resumed plan puts it up again', async () => {
    const world = new World(FAILBACK);
    let fences = 0;
    const fence: StepBody<World> = {
      apply: () => {
        fences += 1;
        return Promise.resolve();
      },
      release: () => {
        fences -= 1;
        return Promise.resolve();
      },
    };
    world.crash = { step: 'compare', when: 'in' };
    const attempt = (): Promise<void> =>
      executePlan(world.execution({ fence }), progressOf(FAILBACK, world.events), new AbortController().signal);
    await expect(attempt()).rejects.toThrow('crash');
    expect(fences).toBe(0);
    world.crash = null;
    await attempt();
    expect(fences).toBe(1);
    expect(world.applied.filter((step) => step === 'offsets')).toHaveLength(2);
    expect(world.applied.filter((step) => step === 'catch-up')).toHaveLength(1);
  });

  it('leaves nothing behind when it is taken back, whichever step failed', async () => {
    const between = SWITCHOVER.steps.slice(0, 6).map(({ id }) => id);
    for (const step of between) {
      for (const when of ['before', 'in', 'after'] as const) {
        const world = new World(SWITCHOVER);
        const open = (): Promise<void> => Promise.resolve(void world.marks.delete('fence'));
        const fence: StepBody<World> = { ...world.body('fence'), undo: open, release: open };
        world.crash = { step, when };
        const progress = (): ReturnType<typeof progressOf> => progressOf(SWITCHOVER, world.events);
        const { signal } = new AbortController();
        await expect(executePlan(world.execution({ fence }), progress(), signal)).rejects.toThrow('crash');
        if (step === 'promote' && when === 'after') continue;
        expect(world.marks.has('fence')).toBe(false);
        await rollBackPlan(world.execution({ fence }), progress());
        expect([...world.marks], `${step} ${when}`).toEqual([]);
        expect(progress()).toMatchObject({ closed: 'rolled-back', done: new Set(), begun: new Set() });
      }
    }
  });
});

describe('what fails when a step that cannot be undone has begun, and has not happened', () => {
  const ways: readonly (readonly [string, (world: World) => Partial<Execution<World>>])[] = [
    [
      "the user's program before it",
      () => ({
        hooks: (when, { id }) =>
          when === 'before' && id === 'promote' ? Promise.reject(new Error('refused')) : Promise.resolve(),
      }),
    ],
    [
      'the copy of the journal',
      (world) => ({
        copied: () => (world.marks.has('offsets') ? Promise.reject(new Error('refused')) : Promise.resolve()),
      }),
    ],
    [
      'what it reads first',
      (world) => ({
        bodies: ({ id }) =>
          id === 'promote'
            ? { ...world.body(id), apply: () => Promise.reject(new Error('refused')) }
            : world.bodyWithFence(id),
      }),
    ],
  ];

  it.each(ways)('%s: the fence is opened, and all of it taken back', async (_, way) => {
    const world = new World(SWITCHOVER);
    const execution = { ...world.execution(), bodies: ({ id }: { readonly id: string }) => world.bodyWithFence(id) };
    const failing: Execution<World> = { ...execution, ...way(world) };
    await expect(executePlan(failing, NOT_BEGUN, new AbortController().signal)).rejects.toThrow('refused');
    expect(world.marks.has('fence')).toBe(false);
    expect(world.marks.has('promote')).toBe(false);
    await rollBackPlan(execution, progressOf(SWITCHOVER, world.events));
    expect([...world.marks]).toEqual([]);
  });

  it('is nothing where nobody can tell: then the move goes on, and the fence stays', async () => {
    const world = new World(SWITCHOVER);
    const unknown: StepBody<World> = {
      apply: () => Promise.reject(new Error('refused')),
      inEffect: () => Promise.reject(new Error('no disk')),
    };
    const bodies = ({ id }: { readonly id: string }) => (id === 'promote' ? unknown : world.bodyWithFence(id));
    const attempt = executePlan({ ...world.execution(), bodies }, NOT_BEGUN, new AbortController().signal);
    await expect(attempt).rejects.toThrow('refused');
    expect(world.marks.has('fence')).toBe(true);
    await expect(world.rollBack()).rejects.toMatchObject({ code: 'KMK_WRONG_STATE' });
  });
});

describe('a run that another kmk has taken over', () => {
  const TAKEN = new KmkError('KMK_LOCKED', 'somebody has taken the lease of this run');
  const UNANSWERED = new KmkError('KMK_KAFKA_UNREACHABLE', 'no broker answers');
  /** A fence that is up, in a world where the step fails, or is interrupted, and then the lease is looked for. */
  const failing = async (step: string, taken: KmkError, aborts: boolean) => {
    const world = new World(SWITCHOVER);
    const controller = new AbortController();
    const open = (): Promise<void> => Promise.resolve(void world.marks.delete('fence'));
    const fence: StepBody<World> = { ...world.body('fence'), undo: open, release: open };
    world.onStep = (id) => {
      if (id !== step) return;
      world.taken = taken;
      if (aborts) controller.abort(new KmkError('KMK_INTERRUPTED', 'interrupted'));
      else throw new Error('failed');
    };
    const error: unknown = await executePlan(world.execution({ fence }), NOT_BEGUN, controller.signal).catch(
      (thrown: unknown) => thrown,
    );
    return { world, error, again: world.execution({ fence }) };
  };

  it('touches nothing any more, neither when a step fails or is interrupted nor to take it back', async () => {
    for (const aborts of [false, true]) {
      const { world, error, again } = await failing('offsets', TAKEN, aborts);
      expect(error).toBe(TAKEN);
      const marks = new Set(world.marks);
      expect(marks).toContain('fence');
      await expect(rollBackPlan(again, progressOf(SWITCHOVER, world.events))).rejects.toBe(TAKEN);
      expect(world.marks).toEqual(marks);
    }
  });

  it('begins no step that cannot be undone: the other one does', async () => {
    const { world, error } = await failing('none', TAKEN, false);
    expect([error, world.marks.has('promote')]).toEqual([undefined, true]);
    const late = new World(SWITCHOVER);
    late.onStep = (id) => {
      if (id === 'offsets') late.taken = TAKEN;
    };
    await expect(late.run()).rejects.toBe(TAKEN);
    expect(late.applied.at(-1)).toBe('offsets');
    expect(progressOf(SWITCHOVER, late.events).begun).not.toContain('promote');
  });

  it('opens the fence where nobody can tell who holds the lease, and does not promote', async () => {
    const { world, again } = await failing('offsets', UNANSWERED, false);
    expect(world.marks).not.toContain('fence');
    await rollBackPlan(again, progressOf(SWITCHOVER, world.events));
    expect([...world.marks]).toEqual([]);
    const late = new World(SWITCHOVER);
    late.taken = UNANSWERED;
    await expect(late.run()).rejects.toBe(UNANSWERED);
    expect(late.applied.at(-1)).toBe('offsets');
  });
});

describe('the hooks of a plan', () => {
  it('run around each step; one that fails stops the move, and what a step leaves is undone with its own', async () => {
    for (const { id } of SWITCHOVER.steps.slice(0, 5)) {
      for (const moment of ['before', 'after']) {
        const world = new World(SWITCHOVER);
        const seen: string[] = [];
        world.hook = (when, step) => {
          seen.push(`${when}-${step}${when === 'before' && world.marks.has(step) ? ' late' : ''}`);
          return when === moment && step === id ? Promise.reject(new Error('hook')) : Promise.resolve();
        };
        await expect(world.run()).rejects.toThrow('hook');
        const upTo = SWITCHOVER.steps.slice(
          0,
          SWITCHOVER.steps.findIndex((step) => step.id === id),
        );
        const whole = upTo.flatMap((step) => [`before-${step.id}`, `after-${step.id}`]);
        expect(seen).toEqual([...whole, `before-${id}`, ...(moment === 'after' ? [`after-${id}`] : [])]);
        expect(world.marks.has(id)).toBe(moment === 'after');
        // The step counts as begun: whoever goes on runs it, and its hooks, again.
        expect(progressOf(SWITCHOVER, world.events).begun).toContain(id);
        seen.length = 0;
        world.hook = (when, step) => Promise.resolve(void seen.push(`${when}-${step}`));
        await world.rollBack();
        expect(seen).toEqual([id, ...upTo.map((step) => step.id).toReversed()].map((step) => `undo-${step}`));
      }
    }
  });
});
