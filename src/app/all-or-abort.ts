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
  let first: { readonly error: unknown } | null = null;
  await Promise.all(
    works.map(async (work) => {
      try {
        await work(either);
      } catch (error) {
        first ??= { error };
        failure.abort();
      }
    }),
  );
  if (first !== null) throw (first as { readonly error: unknown }).error;
}
