import { describe, expect, it } from 'vitest';
import { parseAllowedWrite, writerText } from '../../../src/domain/authorizer-log.ts';

const line = (principal: string, verdict: string, operation: string, resource: string, request: string): string =>
  `[2026-01-02 03:04:05,678] DEBUG Principal = ${principal} is ${verdict} ${operation} from host = 10.0.0.7 on resource = ${resource} for request = ${request} with resourceRefCount = 1 based on rule SuperUser (kafka.authorizer.logger)`;

describe('parseAllowedWrite', () => {
  it.each(['operation = WRITE', 'Operation = Write'])('reads who was let in to a topic from "%s"', (operation) => {
    const writer = parseAllowedWrite(line('User:app', 'Allowed', operation, 'Topic:LITERAL:orders', 'Produce'));
    expect(writer).toEqual({ principal: 'User:app', host: '10.0.0.7', topic: 'orders' });
    expect(writer === null ? '' : writerText(writer)).toBe('User:app from 10.0.0.7 (orders)');
  });

  it.each([
    ['a refused write', line('User:app', 'Denied', 'operation = WRITE', 'Topic:LITERAL:orders', 'Produce')],
    ['a read', line('User:app', 'Allowed', 'operation = READ', 'Topic:LITERAL:orders', 'Fetch')],
    ['a group', line('User:app', 'Allowed', 'operation = WRITE', 'Group:LITERAL:orders', 'Produce')],
    ['another request', line('User:app', 'Allowed', 'operation = WRITE', 'Topic:LITERAL:orders', 'AddPartitionsToTxn')],
    ['any other line', '[2026-01-02 03:04:05,678] INFO Kafka Server started (kafka.server.KafkaRaftServer)'],
  ])('finds nobody in %s', (_name, text) => {
    expect(parseAllowedWrite(text)).toBeNull();
  });
});
