import { connect } from 'node:net';

/** ZooKeeper needs a second or two to start, an old session 4 s to end; this is for a machine under load. */
const LIMIT_MS = 60_000;
const POLL_MS = 50;
const ANSWER_LIMIT_MS = 2000;

/**
 * Waits until ZooKeeper serves and the broker's earlier registration is gone: one that finds it there ends at once
 * (kafka.zk.KafkaZkClient.CheckedEphemeral). After the limit the broker is left to say what is wrong.
 */
export async function awaitUnregistered(
  { port, brokerId }: { readonly port: number; readonly brokerId: number },
  signal: AbortSignal,
): Promise<void> {
  const registered = new RegExp(`^\\s*/brokers/ids/${brokerId}$`, 'm');
  const deadline = Date.now() + LIMIT_MS;
  while (Date.now() < deadline) {
    signal.throwIfAborted();
    const dump = await ask(port, 'dump');
    if (dump.includes('phemeral') && !registered.test(dump)) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** The answer to one of ZooKeeper's four-letter words; empty where nothing answers. */
async function ask(port: number, word: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.end(word));
    socket.setTimeout(ANSWER_LIMIT_MS, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
    // Reported by the close that follows.
    socket.on('error', () => undefined);
    socket.once('close', () => resolve(text));
  });
}
