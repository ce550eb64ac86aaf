import { RENDER_TARGETS } from '../../app/render/render-files.ts';
import { KmkError } from '../../domain/errors.ts';
import { defineCommand } from '../define-command.ts';
import { topicName } from '../kafka-parsers.ts';
import { argument, flag, restArguments, value, values } from '../option.ts';
import { nonEmptyText, oneOf, wholeNumber } from '../value-parsers.ts';

export const verifyOptions = {
  topic: values('-t, --topic <name>', 'only this topic of the source; repeatable', { parser: topicName }),
  group: values('-g, --group <name>', 'only this group; repeatable', { parser: nonEmptyText }),
  deep: flag('--deep', 'compare contents too: key, value, headers and timestamp of every record'),
};

export const verify = defineCommand({
  name: 'verify',
  summary: 'check that the standby holds what it must hold',
  description:
    'Compares topics, partitions, settings, record counts, checkpoints and translated offsets of both sides. Waits for what is in flight (--timeout, default 15s). Exit 6 when a check fails. With --deep every record is read on both sides; records that are missing, extra, duplicated, reordered or altered are listed with their offsets.',
  options: verifyOptions,
  waits: true,
  examples: [
    'kmk verify',
    'kmk verify --topic orders --group billing',
    'kmk verify --deep --topic orders',
    'kmk verify -o json',
  ],
  needs: 'lab',
  handler: () => import('../commands/verify.ts'),
});

export const logsArgs = { service: argument('[service]', 'its name, as `kmk logs` lists it', nonEmptyText) };
export const logsOptions = {
  follow: flag('-f, --follow', 'go on with what is written, until Ctrl-C'),
  lines: value('-n, --lines <n>', 'how many of the last lines', {
    parser: wholeNumber({ max: 1_000_000 }),
    default: 200,
  }),
};

export const logs = defineCommand({
  name: 'logs',
  summary: 'show the log of a service, or which services there are',
  args: logsArgs,
  options: logsOptions,
  examples: ['kmk logs', 'kmk logs dr-connect', 'kmk logs primary-broker-1 --follow', 'kmk logs --follow'],
  needs: 'lab',
  streams: true,
  handler: () => import('../commands/logs.ts'),
});

export const execArgs = {
  service: argument('<service>', 'its name, as `kmk logs` lists it', nonEmptyText),
  command: restArguments('<command...>', 'what to run, with its arguments'),
};

export const exec = defineCommand({
  name: 'exec',
  summary: 'run a command where a service runs',
  description:
    "In its container, or on the local runtime in the lab's folder. CLASSPATH has Kafka's jars, KMK_BOOTSTRAP the brokers of the service's cluster. Exits as the command does.",
  args: execArgs,
  examples: [
    'kmk exec primary-broker-1 env',
    "kmk exec dr-broker-1 sh -c 'java org.apache.kafka.tools.TopicCommand --bootstrap-server $KMK_BOOTSTRAP --list'",
  ],
  needs: 'lab',
  passThrough: true,
  handler: () => import('../commands/exec.ts'),
});

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'check what kmk needs on this machine',
  description: 'Exit 4 when something that is needed is missing.',
  examples: ['kmk doctor', 'kmk doctor -o json'],
  needs: 'config',
  handler: () => import('../commands/doctor.ts'),
});

export const perfOptions = {
  records: value('-n, --records <n>', 'how many records', { parser: wholeNumber({ min: 1 }), default: 10_000 }),
  size: value('--size <bytes>', 'bytes of each record', {
    parser: wholeNumber({ min: 1, max: 900_000 }),
    default: 1024,
  }),
};

export const perf = defineCommand({
  name: 'perf',
  summary: "measure producing with Kafka's own ProducerPerformance, and how MM2 keeps up",
  description: 'Writes to the topic kmk-perf on the active cluster. --timeout (default 2m) is for MM2 to copy it.',
  options: perfOptions,
  waits: true,
  examples: ['kmk perf', 'kmk perf --records 500000 --size 1024', 'kmk perf -o json'],
  needs: 'lab',
  handler: () => import('../commands/perf.ts'),
});

export const reportArgs = { run: argument('[run]', 'id of a run, or its end (default: the last)', nonEmptyText) };
export const reportOptions = {
  format: value('--format <name>', 'what to make (default: html)', { parser: oneOf('html', 'md', 'json', 'junit') }),
  out: value('--out <file>', 'where to write it', { parser: nonEmptyText }),
  open: flag('--open', 'show the HTML report in a browser'),
};

export const report = defineCommand({
  name: 'report',
  summary: 'make the report of a run from its journal',
  description: 'HTML goes into the folder of the run, and its path is printed; the others go to stdout, unless --out.',
  args: reportArgs,
  options: reportOptions,
  examples: ['kmk report', 'kmk report --format md', 'kmk report --format junit --out junit.xml', 'kmk report --open'],
  needs: 'config',
  validate({ options }) {
    if (options.open && options.format !== undefined && options.format !== 'html') {
      throw new KmkError('KMK_USAGE', `only HTML can be opened, not --format ${options.format}`);
    }
  },
  handler: () => import('../commands/report.ts'),
});

export const renderArgs = { what: argument('[what]', 'what to render (default: all)', oneOf(...RENDER_TARGETS)) };
export const renderOptions = {
  out: value('--out <dir>', 'write the files there, with secrets/internal.properties if it is absent', {
    parser: nonEmptyText,
  }),
  check: flag('--check', 'write nothing; exit 6 when files in --out (default: here) differ'),
  diff: flag('--diff', 'write nothing; show how files in --out (default: here) differ'),
};

export const render = defineCommand({
  name: 'render',
  summary: 'render Compose, MM2, Connect and broker files from kmk.yaml',
  description: 'To stdout without --out. With the ports of the deployed lab where there is one.',
  args: renderArgs,
  options: renderOptions,
  examples: [
    'kmk render compose',
    'kmk render all --out rendered',
    'kmk render mm2 > mm2.properties',
    'kmk render all --out rendered --check',
    'kmk render connect --out rendered --diff',
  ],
  needs: 'config',
  handler: () => import('../commands/render.ts'),
});
