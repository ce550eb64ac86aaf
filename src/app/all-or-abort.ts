/**
 * Runs everything at once. The first failure aborts the others' signal, and only when all have ended is it thrown: nothing
 * goes on in the background after a step has failed.
 */
export async function allOrAbort(
  signal: AbortSignal,
  works: readonly ((signal: AbortSignal) => Promise<unknown>)[],
): Promise<void> {
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const errors: unknown[] = [];
  await Promise.all(
    works.map(async (work) => {
      try {
        await work(either);
      } catch (error) {
        errors.push(error);
        failure.abort();
      }
    }),
  );
  if (errors.length > 0) throw errors[0];
}
