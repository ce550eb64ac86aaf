import type { ReportCheck, ReportModel, ReportStep } from '../domain/report-model.ts';
import { escapeXml } from './escape.ts';

interface TestCase {
  readonly name: string;
  readonly seconds: number;
  readonly outcome: 'passed' | 'failure' | 'error' | 'skipped';
  readonly type: string;
  readonly message: string;
}

/**
 * The report as JUnit XML. Suite "checks": one case a check, where a failed check is a failure and an inconclusive or
 * skipped one is skipped. Suite "steps": one case a step, and a last case "run" that is an error where the run did not
 * end, so that a crashed drill is never green.
 */
export function renderJunit(model: ReportModel): string {
  const checks = numbered(model.checks.map(checkCase));
  const steps = numbered(model.steps.map(stepCase));
  const broken = [...checks, ...steps].some(({ outcome }) => outcome === 'failure' || outcome === 'error');
  const suites = [
    { name: 'checks', cases: checks },
    { name: 'steps', cases: [...steps, runCase(model, broken)] },
  ];
  const all = suites.flatMap(({ cases }) => cases);
  const seconds = model.durationMs / 1000;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escapeXml(suiteName(model))}"${tally(all)} time="${seconds.toFixed(3)}">`,
    ...suites.flatMap(({ name, cases }) => suite(name, cases, model)),
    '</testsuites>',
    '',
  ].join('\n');
}

const suiteName = (model: ReportModel): string => `kmk ${model.scenario ?? model.command}`;

function checkCase(check: ReportCheck): TestCase {
  const outcome = check.verdict === 'pass' ? 'passed' : check.verdict === 'fail' ? 'failure' : 'skipped';
  const message = check.verdict === 'inconclusive' ? `inconclusive: ${check.message}` : check.message;
  return { name: check.id, seconds: 0, outcome, type: 'check', message };
}

function stepCase(step: ReportStep): TestCase {
  const outcomes = {
    done: 'passed',
    skipped: 'skipped',
    failed: 'failure',
    aborted: 'failure',
    interrupted: 'error',
  } as const;
  const message = [step.state, step.detail ?? step.progress].filter((part) => part !== null).join(': ');
  return { name: step.title, seconds: step.durationMs / 1000, outcome: outcomes[step.state], type: 'step', message };
}

/** A failed run counts once: where a check or a step tells of it already, this case passes. */
function runCase(model: ReportModel, broken: boolean): TestCase {
  const run = { name: 'run', seconds: model.durationMs / 1000, type: 'run' };
  if (model.state === 'unfinished') return { ...run, outcome: 'error', message: 'unfinished: the journal has no end' };
  const failed = model.verdict === 'fail' || model.exitCode !== 0;
  const message = model.error ?? `verdict ${model.verdict}, exit code ${model.exitCode ?? 'unknown'}`;
  return { ...run, outcome: failed && !broken ? 'failure' : 'passed', message };
}

/** CI systems merge cases of one name: a repeated name gets a number. */
function numbered(cases: readonly TestCase[]): readonly TestCase[] {
  const seen = new Map<string, number>();
  return cases.map((testCase) => {
    const nth = (seen.get(testCase.name) ?? 0) + 1;
    seen.set(testCase.name, nth);
    return nth === 1 ? testCase : { ...testCase, name: `${testCase.name} (${nth})` };
  });
}

function tally(cases: readonly TestCase[]): string {
  const number = (outcome: TestCase['outcome']) => cases.filter((testCase) => testCase.outcome === outcome).length;
  const counts = {
    tests: cases.length,
    failures: number('failure'),
    errors: number('error'),
    skipped: number('skipped'),
  };
  return Object.entries(counts)
    .map(([name, count]) => ` ${name}="${count}"`)
    .join('');
}

function suite(name: string, cases: readonly TestCase[], model: ReportModel): readonly string[] {
  const seconds = name === 'steps' ? model.durationMs / 1000 : 0;
  const timestamp = model.startedAt === null ? '' : ` timestamp="${model.startedAt.slice(0, 19)}"`;
  const className = escapeXml(`${suiteName(model).replaceAll(' ', '.')}.${name}`);
  return [
    `  <testsuite name="${name}"${tally(cases)} time="${seconds.toFixed(3)}"${timestamp}>`,
    ...cases.map((testCase) => `    ${caseXml(testCase, className)}`),
    '  </testsuite>',
  ];
}

function caseXml(testCase: TestCase, className: string): string {
  const head = `<testcase classname="${className}" name="${escapeXml(testCase.name)}" time="${testCase.seconds.toFixed(3)}"`;
  const message = escapeXml(testCase.message);
  if (testCase.outcome === 'passed') return `${head}/>`;
  if (testCase.outcome === 'skipped') return `${head}><skipped message="${message}"/></testcase>`;
  const { outcome, type } = testCase;
  return `${head}><${outcome} type="${type}" message="${message}">${message}</${outcome}></testcase>`;
}
