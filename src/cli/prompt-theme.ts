import { mayColour } from './paint.ts';
import type { CliIo } from './streams.ts';

const same = (text: string): string => text;

/** inquirer's look without colours: it reads only the process's own environment, not `--no-color`. */
const PLAIN_THEME = {
  prefix: { idle: '?', done: '>' },
  icon: { cursor: '>' },
  style: {
    answer: same,
    message: same,
    error: (text: string) => `> ${text}`,
    defaultAnswer: (text: string) => `(${text})`,
    help: same,
    highlight: same,
    key: (text: string) => `<${text}>`,
    disabled: (text: string) => `- ${text}`,
  },
};

/** The setting of a question on stderr that leaves colours out where they are not wanted. */
export function promptTheme(io: CliIo, color: boolean): { readonly theme?: typeof PLAIN_THEME } {
  return mayColour(io.stderr, io.env, color) ? {} : { theme: PLAIN_THEME };
}
