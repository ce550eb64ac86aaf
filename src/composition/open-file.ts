import { execa } from 'execa';
import { KmkError } from '../domain/errors.ts';

const OPENERS: Readonly<Record<string, readonly string[]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

/** Shows a file with the program the system has for it. Throws KMK_ENV_RUNTIME where there is none. */
export async function openFile(path: string): Promise<void> {
  const [command = 'xdg-open', ...args] = OPENERS[process.platform] ?? ['xdg-open'];
  const result = await execa(command, [...args, path], { reject: false, stdio: 'ignore' });
  if (result.failed) {
    throw new KmkError('KMK_ENV_RUNTIME', `"${path}" could not be opened with "${command}"`, {
      hints: ['Open the file in a browser yourself.'],
    });
  }
}
