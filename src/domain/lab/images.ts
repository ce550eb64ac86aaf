import type { KafkaLine } from '../setup.ts';

/** Container images of a lab. Brokers, Connect workers, dedicated MM2 and one-shot jobs all run from Kafka's own. */
export interface Images {
  readonly kafka: string;
  readonly ui: string;
}

/** The official images. Tags are exact: a lab of today is the same lab tomorrow. */
export function imagesOf(kafka: KafkaLine): Images {
  return { kafka: `apache/kafka:${kafka.version}`, ui: 'ghcr.io/kafbat/kafka-ui:v1.5.0' };
}
