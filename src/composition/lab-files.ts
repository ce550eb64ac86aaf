import type { LabFiles } from '../app/ports/lab-files.ts';
import { createLabFiles } from '../store/lab-files.ts';

/** Files below a folder that the user named. */
export function filesIn(dir: string): LabFiles {
  return createLabFiles(dir);
}
