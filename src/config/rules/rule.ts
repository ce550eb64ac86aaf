import type { Setup } from '../../domain/setup.ts';
import type { DocumentPath } from '../diagnostics.ts';
import type { ConfigFile } from '../schema.ts';

/** What a rule across fields sees and how it speaks. */
export interface RuleContext {
  /** As written, with variables and flags; tells what was given from what is a default. */
  readonly file: ConfigFile;
  readonly setup: Setup;
  /**
   * The rule is broken. `about` names the other values it looked at: it is not reported while one of those is itself
   * in error, because it would only be a consequence.
   */
  readonly refuse: (path: DocumentPath, problem: string, about?: readonly DocumentPath[]) => void;
  readonly warn: (path: DocumentPath, problem: string) => void;
}

export type Rule = (context: RuleContext) => void;
