import { describe, expect, it } from 'vitest';
import { refuseNewReaders, refuseNewReturning } from '../../../../src/app/failover/read-scope.ts';
import type { Lab } from '../../../../src/app/lab/lab.ts';
import { forwardFlows } from '../../../../src/app/lab/lab.ts';
import type { KafkaAdmin } from '../../../../src/app/ports/kafka-admin.ts';
import { fakeLab } from '../../../fakes/lab.ts';

const PART = { topics: ['orders'], groups: ['billing'] };
const { signal } = new AbortController();

/** A lab of which one cluster has these groups, each with commits on these topics. */
function labWhere(where: string, commits: Readonly<Record<string, readonly string[]>>): Lab {
  const admin: Partial<KafkaAdmin> = {
    listTopics: () => Promise.resolve([...new Set(Object.values(commits).flat())]),
    listGroups: () =>
      Promise.resolve(
        Object.keys(commits).map((group) => ({ group, state: 'Empty', type: 'classic' as const, protocolType: '' })),
      ),
    groupOffsets: (group) =>
      Promise.resolve((commits[group] ?? []).map((topic) => ({ topic, partition: 0, offset: 1n }))),
  };
  const lab = fakeLab();
  const open = ({ alias }: { readonly alias: string }): Promise<KafkaAdmin> =>
    alias === where ? Promise.resolve(admin as KafkaAdmin) : Promise.reject(new Error(`"${alias}" is not asked`));
  return { ...lab, tools: { ...lab.tools, admin: open } };
}

function flowOf(lab: Lab) {
  const [flow] = forwardFlows(lab);
  if (flow === undefined) throw new Error('no flow');
  return flow;
}

describe('behind the fence', () => {
  it('a wave is refused where a group has come to it, or one of its own reads something else as well', async () => {
    const refusal = (commits: Readonly<Record<string, readonly string[]>>) => {
      const lab = labWhere('primary', commits);
      return refuseNewReaders(lab, flowOf(lab), PART, signal);
    };
    await refusal({ billing: ['orders'], other: ['rest'] });
    await expect(refusal({ billing: ['orders'], late: ['orders'] })).rejects.toThrow('group "late" has begun to read');
    await expect(refusal({ billing: ['orders', 'rest'] })).rejects.toThrow('group "billing" also reads "rest"');
  });

  it('the return of a wave is refused where a group has come to it that nobody would position', async () => {
    const refusal = (commits: Readonly<Record<string, readonly string[]>>) => {
      const lab = labWhere('dr', commits);
      return refuseNewReturning(lab, flowOf(lab), PART, signal);
    };
    await refusal({ billing: ['orders', 'primary.orders'], other: ['primary.rest'] });
    for (const topic of ['orders', 'primary.orders']) {
      await expect(refusal({ billing: ['orders'], late: [topic] })).rejects.toMatchObject({
        code: 'KMK_WRONG_STATE',
        message: 'group "late" has begun to read what moves',
      });
    }
  });
});
