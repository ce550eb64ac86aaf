import { GATE_APPLIED_FILE, GATE_FAULTS_FILE } from '../domain/lab/gate.ts';
import { Gate } from './gate.ts';

/** The gate's process: its first plain argument is the file of its ways, relative to the lab's folder, where it runs. */
const ways = process.argv.slice(2).find((argument) => !argument.startsWith('-'));
if (ways === undefined) throw new Error('no file of ways given');
try {
  await Gate.open({ ways, faults: GATE_FAULTS_FILE, applied: GATE_APPLIED_FILE });
  process.stdout.write('the gate is open\n');
} catch (error) {
  process.stderr.write(`error: the gate cannot open: ${String(error)}\n`);
  process.exitCode = 1;
}
process.on('SIGTERM', () => process.exit(0));
