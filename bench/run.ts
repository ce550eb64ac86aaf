import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { benchAudit } from './audit.ts';
import { benchClients } from './clients.ts';
import { benchColdStart } from './cold-start.ts';
import { benchDrain } from './drain.ts';
import { benchHelp } from './help.ts';
import { benchHistory } from './history.ts';
import { benchLedger } from './ledger.ts';
import { benchRecovery } from './recovery.ts';
import { benchRedelivered } from './redelivered.ts';
import { benchSwitchover } from './switchover.ts';

/** `npm run bench [-- NAME...]`: runs the benchmarks and puts their tables into docs/BENCHMARKS.md. */
const BENCHMARKS: Readonly<Record<string, () => Promise<string>>> = {
  help: benchHelp,
  'cold-start': benchColdStart,
  clients: benchClients,
  drain: benchDrain,
  audit: benchAudit,
  ledger: benchLedger,
  switchover: benchSwitchover,
  history: benchHistory,
  recovery: benchRecovery,
  redelivered: benchRedelivered,
};

const FILE = new URL('../docs/BENCHMARKS.md', import.meta.url);

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in BENCHMARKS));
if (unknown.length > 0) {
  process.stderr.write(`unknown benchmark "${unknown.join(', ')}", there are ${Object.keys(BENCHMARKS).join(', ')}\n`);
  process.exit(2);
}
for (const name of asked.length > 0 ? asked : Object.keys(BENCHMARKS)) {
  const table = await BENCHMARKS[name]?.();
  if (table === undefined) continue;
  process.stdout.write(`\n## ${name}\n\n${table}\n`);
  await keep(name, table);
}

/** Replaces what stands between `<!-- NAME -->` and `<!-- /NAME -->`. */
async function keep(name: string, table: string): Promise<void> {
  const text = await readFile(FILE, 'utf8');
  const where = `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, Node ${process.versions.node}`;
  const pattern = new RegExp(`(<!-- ${name} -->)[^]*?(<!-- /${name} -->)`);
  await writeFile(FILE, text.replace(pattern, `$1\n\n${where}:\n\n${table}\n\n$2`));
}
