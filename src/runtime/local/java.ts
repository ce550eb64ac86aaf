import { join } from 'node:path';
import { execa } from 'execa';
import { KmkError } from '../../domain/errors.ts';

/** Kafka 4.x brokers and Connect need Java 17. */
const MINIMUM_JAVA = 17;

export interface Java {
  readonly command: string;
  readonly major: number;
  /** Full version text; an archive made by another one is not used. */
  readonly version: string;
}

/** JAVA_HOME's java, else the one on the PATH. Throws KMK_ENV_JAVA when absent or older than 17. */
export async function findJava(env: NodeJS.ProcessEnv): Promise<Java> {
  const home = env['JAVA_HOME'];
  const command = home === undefined || home === '' ? 'java' : join(home, 'bin', 'java');
  const result = await execa(command, ['-XshowSettings:properties', '-version'], {
    reject: false,
    env,
    extendEnv: false,
    // A Ctrl-C in a terminal is for kmk: a killed java would look like a broken one.
    detached: true,
  });
  if (result.failed) {
    throw new KmkError('KMK_ENV_JAVA', `java could not be run as "${command}"`, {
      hints: [
        'Install Java 17 or newer (for example `apt-get install openjdk-17-jre-headless`) or set JAVA_HOME.',
        'Run `kmk doctor` to see what else is missing.',
      ],
      context: { command },
    });
  }
  const text = `${result.stdout}\n${result.stderr}`;
  const version = /java\.runtime\.version = (.+)/.exec(text)?.[1]?.trim() ?? /version "([^"]+)"/.exec(text)?.[1] ?? '';
  const [first = '0', second = '0'] = version.split(/[.+_-]/);
  const major = Number(first === '1' ? second : first);
  if (!(major >= MINIMUM_JAVA)) {
    throw new KmkError(
      'KMK_ENV_JAVA',
      `java ${version || 'of unknown version'} at "${command}" is too old, 17 is needed`,
      {
        hints: ['Install Java 17 or newer, or point JAVA_HOME at one.'],
        context: { command, version },
      },
    );
  }
  return { command, major, version };
}
