import type { ConsumedRecord, ConsumeDocument } from '../../domain/documents.ts';
import type { ConsumeOutcome, ConsumeRequest } from './consume.ts';

/** What was asked for and what came. */
export function consumeDocument(
  { topic, group }: Pick<ConsumeRequest, 'topic' | 'group'>,
  { cluster, count }: ConsumeOutcome,
  records: readonly ConsumedRecord[],
): ConsumeDocument {
  return { schema: 'kmk.consume/v1', cluster, topic, group, count, records };
}
