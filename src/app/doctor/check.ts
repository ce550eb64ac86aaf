/** `missing`: kmk cannot work with it as it is. `warning`: it may hurt. `info`: good to know. */
type Finding = 'ok' | 'info' | 'warning' | 'missing';

export interface DoctorCheck {
  readonly id: string;
  readonly finding: Finding;
  readonly message: string;
  /** What to do; null where there is nothing to do. */
  readonly hint: string | null;
}
