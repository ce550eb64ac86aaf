import type { Setup } from '../setup.ts';

/** Container images of a lab. Brokers, dedicated MM2 and one-shot jobs run from `kafka`. */
export interface Images {
  readonly kafka: string;
  /** Kafka Connect: with Apache Kafka the same image. */
  readonly connect: string;
  readonly zookeeper: string;
  readonly ui: string;
}

/** Confluent Platform 7.9 is Kafka 3.9; the last line with cp-zookeeper. */
const CONFLUENT = '7.9.0';

/** Has `ip` and `tc`: what slows the network of a container. Pulled when a drill asks for that. */
export const NETWORK_IMAGE = 'nicolaka/netshoot:v0.13';

/** The images the setup names, else the official ones. Tags are exact: a lab of today is the same lab tomorrow. */
export function imagesOf({ kafka, images }: Pick<Setup, 'kafka' | 'images'>): Images {
  const ui = images.ui ?? 'ghcr.io/kafbat/kafka-ui:v1.5.0';
  if (kafka.distribution === 'confluent') {
    const cp = (name: string): string => `confluentinc/cp-${name}:${CONFLUENT}`;
    return {
      kafka: images.kafka ?? cp('kafka'),
      connect: images.connect ?? cp('kafka-connect'),
      zookeeper: images.zookeeper ?? cp('zookeeper'),
      ui,
    };
  }
  const all = images.kafka ?? `apache/kafka:${kafka.version}`;
  return { kafka: all, connect: images.connect ?? all, zookeeper: images.zookeeper ?? all, ui };
}

/** Those that a lab of this setup cannot do without, each once, by the keys of `images` in kmk.yaml. */
export function neededImages(setup: Setup): ReadonlyMap<string, keyof Images> {
  const images = imagesOf(setup);
  const { mode } = setup.kafka;
  const keys: readonly (keyof Images)[] = [
    'kafka',
    ...(setup.replication.mode === 'connect' ? (['connect'] as const) : []),
    ...(mode === 'zookeeper' ? (['zookeeper'] as const) : []),
  ];
  return new Map(keys.toReversed().map((key) => [images[key], key]));
}
