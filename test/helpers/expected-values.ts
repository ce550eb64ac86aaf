/** What a topic of a cluster holds against what it must hold. */
export interface Difference {
  readonly missing: readonly string[];
  /** There beyond what must be: written by somebody else, or copied again. */
  readonly surplus: readonly string[];
}

/** Values by cluster and topic, as they must be found there, each as often as it was told. */
export class ExpectedValues {
  readonly #values = new Map<string, { readonly alias: string; readonly topic: string; values: string[] }>();

  mustHold(alias: string, topic: string, values: readonly string[]): void {
    const key = `${alias} ${topic}`;
    const before = this.#values.get(key)?.values ?? [];
    this.#values.set(key, { alias, topic, values: [...before, ...values] });
  }

  count(alias: string, topic: string): number {
    return this.#values.get(`${alias} ${topic}`)?.values.length ?? 0;
  }

  places(): readonly { readonly alias: string; readonly topic: string }[] {
    return [...this.#values.values()];
  }

  compared(alias: string, topic: string, found: readonly string[]): Difference {
    const left = new Map<string, number>();
    for (const value of this.#values.get(`${alias} ${topic}`)?.values ?? [])
      left.set(value, (left.get(value) ?? 0) + 1);
    const surplus = found.filter((value) => {
      const wanted = left.get(value) ?? 0;
      left.set(value, wanted - 1);
      return wanted <= 0;
    });
    const missing = [...left].flatMap(([value, count]) => Array.from({ length: Math.max(count, 0) }, () => value));
    return { missing, surplus };
  }
}
