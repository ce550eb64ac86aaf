/**
 * Runs everything at once. The first failure aborts the others' signal, and only when all have ended is it thrown: nothing
 * goes on in the background after a step has failed. What they gave, in their order.
 */
export async function allOrAbort<T extends readonly unknown[]>(
  signal: AbortSignal,
  works: readonly [...{ [K in keyof T]: (signal: AbortSignal) => Promise<T[K]> }],
): Promise<T> {
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const errors: unknown[] = [];
  const values = await Promise.all(
    works.map(async (work): Promise<unknown> => {
      try {
        return await work(either);
      } catch (error) {
        errors.push(error);
        failure.abort();
        return undefined;
      }
    }),
  );
  if (errors.length > 0) throw errors[0];
  return values as unknown as T;
}
