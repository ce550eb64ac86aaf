import type { Confirmer, Question } from '../app/ports/event-sink.ts';
import { KmkError } from '../domain/errors.ts';
import { promptTheme } from './prompt-theme.ts';
import type { CliIo } from './streams.ts';

export interface ConfirmerSettings {
  readonly io: CliIo;
  readonly interactive: boolean;
  /** `--yes` or KMK_YES=1. */
  readonly yes: boolean;
  readonly signal: AbortSignal;
  /** False with `--no-color`. */
  readonly color: boolean;
  /** Called around a question: takes the spinner off the screen and brings it back. */
  readonly pause: () => void;
  readonly resume: () => void;
}

/** Asks on a terminal, agrees with --yes, refuses elsewhere. */
export function createConfirmer(settings: ConfirmerSettings): Confirmer {
  return {
    async confirm(question) {
      if (settings.yes) return;
      if (!settings.interactive) throw notConfirmed(question.text);
      settings.pause();
      try {
        if (!(await ask(question, settings))) throw new KmkError('KMK_DECLINED', 'declined, nothing was changed');
      } finally {
        settings.resume();
      }
    },
  };
}

/** The refusal off a terminal. `canPreview`: the command has a --dry-run to offer. */
export function notConfirmed(what: string, canPreview = false): KmkError {
  const preview = canPreview ? ', or `--dry-run` to see what would happen' : '';
  return new KmkError('KMK_NOT_CONFIRMED', `${what} has to be confirmed, and there is no terminal to ask on`, {
    hints: [`Give \`--yes\` (or set KMK_YES=1) to go ahead${preview}.`],
  });
}

async function ask(question: Question, settings: ConfirmerSettings): Promise<boolean> {
  const { io, signal } = settings;
  for (const line of question.lines ?? []) io.stderr.write(`${line}\n`);
  const { createPromptModule } = await import('inquirer');
  const prompt = createPromptModule({
    input: io.stdin,
    output: io.stderr,
    signal,
  });
  try {
    const answer = await prompt<{ go: boolean }>([
      { type: 'confirm', name: 'go', message: question.text, default: false, ...promptTheme(io, settings.color) },
    ]);
    return answer.go;
  } catch (error) {
    throw promptError(error, signal);
  }
}

/** Ctrl-C inside a prompt arrives as an error of inquirer's, not as a signal. */
export function promptError(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  const name = error instanceof Error ? error.name : '';
  return name === 'ExitPromptError' || name === 'AbortPromptError'
    ? new KmkError('KMK_INTERRUPTED', 'interrupted')
    : error;
}
