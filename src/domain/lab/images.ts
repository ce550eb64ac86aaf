import type { Setup } from '../setup.ts';

/** Container images of a lab. Brokers, Connect workers, dedicated MM2 and one-shot jobs all run from Kafka's own. */
export interface Images {
  readonly kafka: string;
  readonly ui: string;
}

/** The images the setup names, else the official ones. Tags are exact: a lab of today is the same lab tomorrow. */
export function imagesOf({ kafka, images }: Pick<Setup, 'kafka' | 'images'>): Images {
  return {
    kafka: images.kafka ?? `apache/kafka:${kafka.version}`,
    ui: images.ui ?? 'ghcr.io/kafbat/kafka-ui:v1.5.0',
  };
}
