import type { Rule } from './rule.ts';

/** A fence by hooks is closed before the step and opened when it is taken back; kmk's own proof rests on the ACL. */
export const hookFence: Rule = ({ setup, refuse }) => {
  const { strategies } = setup.fence;
  const at = ['fence', 'strategies'];
  if (!strategies.includes('acl')) {
    refuse(at, 'lacks acl: it is by the ACL that kmk knows whether the fence is up');
    return;
  }
  if (!strategies.includes('hook')) return;
  for (const hook of ['before-fence', 'undo-fence']) {
    if ((setup.hooks[hook] ?? []).length > 0) continue;
    refuse(at, `names hook, but hooks has no "${hook}"`, [['hooks']]);
  }
};
