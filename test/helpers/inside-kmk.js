/**
 * Loaded into kmk by `node --import`. KMK_TEST_STRIKE is a position of the journal as JSON, and who is struck there: the
 * journal is written synchronously, so that what stands in it then is exact, whatever the machine is doing.
 * KMK_TEST_HOST is the name of another machine that it works on, KMK_TEST_LATER_MS how much later it is there.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';

const host = process.env['KMK_TEST_HOST'];
if (host !== undefined) os.hostname = () => host;

const later = Number(process.env['KMK_TEST_LATER_MS'] ?? 0);
if (later > 0) {
  const now = Date.now;
  Date.now = () => now() + later;
}

/** Said where the service does not run at that moment. */
const NOT_STRUCK = 'test: nobody was struck';

const text = process.env['KMK_TEST_STRIKE'];
if (text !== undefined) {
  const { step, moment, blow, pidFile } = JSON.parse(text);
  const { readFileSync, writeSync } = fs;
  let struck = false;

  const momentsOf = (line) => {
    if (line.event === 'plan.closed' && line.data.state === 'completed') return { step: 'plan', before: 'closing' };
    if (line.event !== 'plan.step') return null;
    const { state } = line.data;
    if (state === 'started') return { step: line.data.step, before: 'before', after: 'started' };
    if (state === 'done') return { step: line.data.step, before: 'ending', after: 'done' };
    return state === 'skipped' ? { step: line.data.step, after: 'done' } : null;
  };
  /** The process of a service, as long as it is the one that the file tells of. */
  const serviceOf = (path) => {
    const [pid, startTime] = readFileSync(path, 'utf8').trim().split(' ');
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Fields 3 and on follow the name in brackets; 22 is the start time.
    const now = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    if (now !== startTime) throw new Error('another process');
    return Number(pid);
  };
  const strike = () => {
    struck = true;
    if (pidFile === undefined) return void process.kill(process.pid, blow);
    try {
      process.kill(serviceOf(pidFile), blow);
    } catch (error) {
      // The journal must get its line all the same.
      process.stderr.write(`${NOT_STRUCK}: ${String(error)}\n`);
    }
  };

  fs.writeSync = (file, data, ...rest) => {
    const isEvent = !struck && typeof data === 'string' && data.startsWith('{"v":1,');
    const at = isEvent ? momentsOf(JSON.parse(data)) : null;
    const here = at !== null && at.step === step;
    if (here && at.before === moment) strike();
    const written = writeSync(file, data, ...rest);
    if (here && at.after === moment) strike();
    return written;
  };
}
syncBuiltinESMExports();
