import { dirname, join, resolve } from 'node:path';

/** The state directory: what `--state-dir` says, else `.kmk` beside the config, else in the current folder. */
export function stateDirOf(place: {
  readonly option: string | undefined;
  readonly configFile: string | null;
  readonly cwd: string;
}): string {
  if (place.option !== undefined) return resolve(place.cwd, place.option);
  return join(place.configFile === null ? place.cwd : dirname(place.configFile), '.kmk');
}
