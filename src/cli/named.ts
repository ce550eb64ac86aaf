import { KmkError } from '../domain/errors.ts';

/** A name that may be given as an argument or as an option, but not as two different ones. Throws KMK_USAGE. */
export function named(argument: string | undefined, option: string | undefined, what: string): string {
  const name = argument ?? option;
  if (name === undefined) {
    throw new KmkError('KMK_USAGE', `name the ${what}`, { hints: [`Give it as an argument, or with --${what}.`] });
  }
  if (option !== undefined && option !== name) {
    throw new KmkError('KMK_USAGE', `two different names were given, "${name}" and "${option}"`);
  }
  return name;
}
