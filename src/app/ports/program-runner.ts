export interface ProgramRequest {
  /** The program and its arguments; no shell reads them. */
  readonly argv: readonly string[];
  /** Written to its standard input. */
  readonly input: string;
  /** Added to kmk's own environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface ProgramOutcome {
  /** Null where it was ended by a signal or could not be started. */
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  /** The last of what it said, both streams. */
  readonly output: string;
}

/** Programs that are not kmk's: the user's hooks. Never throws; a program that takes too long is ended. */
export interface ProgramRunner {
  run(request: ProgramRequest): Promise<ProgramOutcome>;
}
