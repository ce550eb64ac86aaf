/** kafkajs logs every retry to the console; kmk reports errors itself. Level 0 is NOTHING. */
export const SILENT_LOGGER = { level: 0, logLevel: 0, logCreator: () => () => undefined } as const;
