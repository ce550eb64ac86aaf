import { z } from 'zod';
import { DURATION_PATTERN, parseDuration } from '../util/duration.ts';

/**
 * Parts of schemas whose messages are expectations, so that every finding can say "got X, expected Y". What an editor
 * shows beside a key is its description; its default is shown, not applied (normalise does that).
 */

/** A mapping with exactly these keys. */
export function mapping<Shape extends z.ZodRawShape>(
  shape: Shape,
  expected = 'a mapping',
): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? undefined : `${expected} with ${Object.keys(shape).join(', ')}`,
  });
}

/** A mapping whose keys the user chooses. */
export function named<Value extends z.ZodType>(
  keys: z.ZodString,
  value: Value,
  expected: string,
): z.ZodRecord<z.ZodString, Value> {
  return z.record(keys, value, { error: expected });
}

/** Text that is not empty, or that matches. */
export function text(expected: string, pattern = /\S/): z.ZodString {
  return z.string({ error: expected }).regex(pattern, { error: expected });
}

export function integer(min: number, max: number, expected: string): z.ZodInt {
  return z.int({ error: expected }).min(min, { error: expected }).max(max, { error: expected });
}

export function choice<const Value extends string>(...values: readonly Value[]): z.ZodEnum<{ [Key in Value]: Key }> {
  return z.enum(values, { error: values.join(' | ') });
}

export function flag(): z.ZodBoolean {
  return z.boolean({ error: 'true | false' });
}

export function list<Item extends z.ZodType>(item: Item, expected: string): z.ZodArray<Item> {
  return z.array(item, { error: expected });
}

export function nonEmptyList<Item extends z.ZodType>(item: Item, expected: string): z.ZodArray<Item> {
  return z.array(item, { error: expected }).min(1, { error: expected });
}

/** A duration that `parseDuration` reads and that is longer than nothing. */
export function duration(): z.ZodString {
  const expected = 'a duration with a unit such as 250ms, 30s, 5m or 1h';
  return z
    .string({ error: expected })
    .regex(DURATION_PATTERN, { error: expected })
    .refine((value) => (parseDuration(value) ?? 0) > 0 || !DURATION_PATTERN.test(value), { error: expected });
}

/** A TCP port. */
export function port(expected = 'a port from 1 to 65535'): z.ZodInt {
  return integer(1, 65_535, expected);
}

/** Adds what an editor shows: a sentence and the default. */
export function about<Schema extends z.ZodType>(
  schema: Schema,
  description: string,
  value?: unknown,
): z.ZodOptional<Schema> {
  return schema.optional().meta(value === undefined ? { description } : { description, default: value });
}
