import type { CommandDefinition } from './define-command.ts';
import { active } from './definitions/active.ts';
import { completion } from './definitions/completion.ts';
import { configSchema, configShow, configValidate } from './definitions/config.ts';
import { flowDescribe, flowList, flowPause, flowRestart, flowResume, flowStop } from './definitions/flows.ts';
import { groupDescribe, groupList, groupReset } from './definitions/groups.ts';
import { init } from './definitions/init.ts';
import { doctor, exec, logs, perf, render, report, verify } from './definitions/insight.ts';
import { offsetsRestore, offsetsShow, offsetsSnapshot, offsetsSync, offsetsTranslate } from './definitions/offsets.ts';
import { consume, produce } from './definitions/records.ts';
import { topicCreate, topicDelete, topicDescribe, topicList } from './definitions/topics.ts';
import { demo, scenarioList, scenarioRun, scenarioShow, scenarioValidate } from './definitions/scenario.ts';
import { resume, switchover } from './definitions/moves.ts';
import { watch } from './definitions/watch.ts';
import { deploy, destroy, failback, failover, status, ui } from './definitions/lab.ts';

/** Every command, in the order of `kmk --help`. A command is added here and nowhere else. */
export const COMMANDS: readonly CommandDefinition[] = [
  init,
  render,
  deploy,
  status,
  active,
  produce,
  consume,
  topicList,
  topicDescribe,
  topicCreate,
  topicDelete,
  groupList,
  groupDescribe,
  groupReset,
  flowList,
  flowDescribe,
  flowPause,
  flowResume,
  flowStop,
  flowRestart,
  offsetsShow,
  offsetsTranslate,
  offsetsSync,
  offsetsSnapshot,
  offsetsRestore,
  verify,
  failover,
  switchover,
  failback,
  resume,
  watch,
  scenarioList,
  scenarioShow,
  scenarioValidate,
  scenarioRun,
  report,
  demo,
  perf,
  logs,
  exec,
  ui,
  doctor,
  destroy,
  configShow,
  configSchema,
  configValidate,
  completion,
];
