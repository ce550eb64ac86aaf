import { KmkError } from '../../domain/errors.ts';
import type { Machine } from '../ports/machine.ts';
import type { DoctorCheck } from './check.ts';

/** As `engines` of package.json has it. */
const NODE_NEEDED = [20, 19] as const;

export function nodeCheck({ nodeVersion }: Machine): DoctorCheck {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  const ok = major > NODE_NEEDED[0] || (major === NODE_NEEDED[0] && minor >= NODE_NEEDED[1]);
  const needed = NODE_NEEDED.join('.');
  return ok
    ? { id: 'node', finding: 'ok', message: `Node ${nodeVersion}`, hint: null }
    : {
        id: 'node',
        finding: 'missing',
        message: `Node ${nodeVersion} is too old`,
        hint: `Install Node ${needed} or newer.`,
      };
}

export async function javaCheck(machine: Machine): Promise<DoctorCheck> {
  return orMissing('java', async () => {
    const { command, version } = await machine.java();
    return { id: 'java', finding: 'ok', message: `Java ${version} ("${command}")`, hint: null };
  });
}

/** Jars that are there need no Maven. */
export async function jarsCheck(machine: Machine, kafkaVersion: string): Promise<DoctorCheck> {
  return orMissing('jars', async () => {
    const found = await machine.jars(kafkaVersion);
    if (found !== null) {
      const from = found.from === 'cache' ? 'in the cache' : 'from KAFKA_HOME';
      return { id: 'jars', finding: 'ok', message: `Kafka ${kafkaVersion} ${from} ("${found.path}")`, hint: null };
    }
    const maven = await machine.maven();
    if (maven !== null) {
      const message = `Kafka ${kafkaVersion} will be fetched at the first deploy by ${maven}`;
      return { id: 'jars', finding: 'ok', message, hint: null };
    }
    return {
      id: 'jars',
      finding: 'missing',
      message: `Kafka ${kafkaVersion} is not in the cache and there is no Maven to fetch it`,
      hint: 'Install Maven (for example `apt-get install maven`), or set KAFKA_HOME to an unpacked Kafka distribution.',
    };
  });
}

async function orMissing(id: string, look: () => Promise<DoctorCheck>): Promise<DoctorCheck> {
  try {
    return await look();
  } catch (error) {
    if (!KmkError.is(error)) throw error;
    return { id, finding: 'missing', message: error.message, hint: error.hints[0] ?? null };
  }
}
