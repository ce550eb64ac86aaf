/** Where clients work now: what `kmk active` answers. It rests on what the last move recorded, and asks no broker. */
export interface ActiveDocument {
  readonly schema: 'kmk.active/v1';
  readonly project: string;
  /** Alias of the cluster that clients use. */
  readonly active: string;
  readonly bootstrap: string;
  /** Rises with every move, there and back; of two answers the one with the higher epoch is newer. */
  readonly epoch: number;
  /** Topics that waves have moved away from the active cluster, and where clients of these work; absent where none has. */
  readonly moved?: { readonly to: string; readonly bootstrap: string; readonly topics: readonly string[] };
}
