import { describe, expect, it } from 'vitest';
import type { GroupListing } from '../../../src/domain/consumer-group.ts';
import { groupCarriage } from '../../../src/domain/group-carriage.ts';
import type { Flow } from '../../../src/domain/setup.ts';

const FLOW = {
  ...{ source: 'primary', target: 'dr', topics: ['.*'], topicsExclude: [], groups: ['.*'], groupsExclude: ['tmp-.*'] },
  config: {},
} as unknown as Flow;
const group = (change: Partial<GroupListing>): GroupListing => ({
  ...{ group: 'billing', type: 'classic', state: 'Empty', protocolType: 'consumer', ...change },
});

describe('MM2 and a group', () => {
  it.each([
    ['of classic consumers', group({}), null],
    ['that only holds commits', group({ protocolType: '' }), null],
    ['of the new protocol (KIP-848)', group({ type: 'consumer' }), null],
    ['from a broker that is too old to name the type', group({ type: 'unknown' }), null],
    ['of share consumers (KIP-932)', group({ type: 'share', protocolType: 'share' }), '__share_group_state'],
    ['of the streams protocol (KIP-1071)', group({ type: 'streams', protocolType: 'streams' }), 'classic and consumer'],
    ['of Connect workers', group({ group: 'workers', protocolType: 'connect' }), 'protocol "connect"'],
    ['that MM2 always excludes', group({ group: 'connect-sink' }), 'excluded'],
    ['that the flow excludes', group({ group: 'tmp-1' }), 'excluded'],
    ['with a comma in its name', group({ group: 'a,b' }), 'comma'],
  ])('%s', (_name, listing, reason) => {
    const found = groupCarriage(FLOW, listing, true);
    expect(found).toMatchObject({ flow: 'primary->dr', type: listing.type, checkpointed: reason === null });
    if (reason === null) expect(found.reason).toBeNull();
    else expect(found.reason).toContain(reason);
  });

  it('without a commit on a topic that is copied', () => {
    expect(groupCarriage(FLOW, group({}), false)).toMatchObject({
      checkpointed: false,
      reason: 'no commit on a topic that the flow copies',
    });
  });
});
