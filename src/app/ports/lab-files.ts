import type { InternalUser } from '../../domain/lab/properties.ts';
import type { RenderedFile } from './template-renderer.ts';

/** The files that the services of a lab read. */
export interface LabFiles {
  /** For people. */
  readonly dir: string;
  write(files: readonly RenderedFile[]): Promise<void>;
  read(path: string): Promise<string | null>;
  /** Passwords of the INTERNAL users; made up at random and kept with mode 0600 at the first call. */
  secrets(): Promise<Readonly<Record<InternalUser, string>>>;
}
