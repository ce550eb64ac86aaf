/** What `kmk doctor` asks of the machine it runs on. Nothing here changes anything. */
export interface Machine {
  /** For example "20.20.0". */
  readonly nodeVersion: string;
  readonly cores: number;
  /** The Java that labs would use. Throws KMK_ENV_JAVA when it is absent or too old. */
  java(): Promise<{ readonly command: string; readonly version: string }>;
  /** First line of `mvn --version`, or null. */
  maven(): Promise<string | null>;
  /** Where the jars of that Kafka are; null when they have yet to be fetched. Throws KMK_ENV_JARS for a wrong KAFKA_HOME. */
  jars(kafkaVersion: string): Promise<{ readonly from: 'KAFKA_HOME' | 'cache'; readonly path: string } | null>;
  readonly cacheDir: string;
  /** Whether files may be written there, or where the folder would be made. */
  isWritable(dir: string): Promise<boolean>;
  isPortFree(port: number): Promise<boolean>;
  /** Free bytes for this user where the folder is or would be; null when unknown. */
  freeBytes(dir: string): Promise<number | null>;
  /** Memory that programs can still get, in bytes. */
  freeMemory(): Promise<number>;
  /** Files a process may have open at once; null when unlimited or unknown. */
  openFiles(): Promise<number | null>;
  /** Version of the Docker engine that answers, or null. */
  docker(): Promise<string | null>;
  /** The process that holds the state directory's lock; `alive` is false for one that is gone. */
  lockHolder(): Promise<{ readonly pid: number; readonly command: string; readonly alive: boolean } | null>;
}
