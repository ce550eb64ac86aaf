export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's KmkError when it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Random {
  /** Lowercase letters and digits. */
  id(length: number): string;
  /** A Kafka UUID: 16 random bytes as unpadded URL-safe base64, not starting with "-". */
  kafkaUuid(): string;
}
