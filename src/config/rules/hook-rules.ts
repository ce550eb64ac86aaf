import { STEP_IDS } from '../../domain/plan/plan.ts';
import { nearestName } from '../../util/nearest.ts';
import type { Rule } from './rule.ts';

/** A hook whose step no move has would never run, in silence. */
export const hookSteps: Rule = ({ setup, warn }) => {
  for (const hook of Object.keys(setup.hooks)) {
    const step = hook.slice(hook.indexOf('-') + 1);
    if (STEP_IDS.includes(step)) continue;
    const nearest = nearestName(step, STEP_IDS);
    const meant = nearest === null ? `steps are ${STEP_IDS.join(', ')}` : `did you mean "${nearest}"?`;
    warn(['hooks', hook], `no move has a step "${step}", ${meant}`);
  }
};

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
