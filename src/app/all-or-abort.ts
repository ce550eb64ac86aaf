/**
 * Runs everything at once. The first failure aborts the others' signal, and only when all have ended is it thrown: nothing
 * goes on in the background after a step has failed. What they gave, in their order.
 */
export async function allOrAbort<T>(
  signal: AbortSignal,
  works: readonly ((signal: AbortSignal) => Promise<T>)[],
): Promise<readonly T[]> {
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const errors: unknown[] = [];
  const values = await Promise.all(
    works.map(async (work): Promise<T | undefined> => {
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
  return values as T[];
}
