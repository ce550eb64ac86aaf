import type { CliIo, TerminalOut } from './streams.ts';

/** Colours by meaning. Colour is never the only sign: the words must say it too. */
export interface Paint {
  readonly good: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
}

const same = (text: string): string => text;
export const PLAIN: Paint = { good: same, warn: same, bad: same, strong: same, faint: same };

/** Whether a stream may get colours: --no-color and NO_COLOR or KMK_NO_COLOR, not empty (https://no-color.org), win, then FORCE_COLOR, then a terminal. */
export function mayColour(stream: TerminalOut, env: CliIo['env'], colorOption: boolean): boolean {
  const refused = [env['NO_COLOR'], env['KMK_NO_COLOR']].some((value) => value !== undefined && value !== '');
  if (!colorOption || refused) return false;
  const force = env['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

/** Loads chalk only when colours are wanted. */
export async function createPaint(colour: boolean): Promise<Paint> {
  if (!colour) return PLAIN;
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level: 1 });
  return { good: chalk.green, warn: chalk.yellow, bad: chalk.red, strong: chalk.bold, faint: chalk.dim };
}
