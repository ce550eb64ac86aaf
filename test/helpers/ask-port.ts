import { connect } from 'node:net';

/** Milliseconds until one byte came back over a new connection; null where none does within half a second. */
export async function askPort(port: number, host = '127.0.0.1'): Promise<number | null> {
  const sent = performance.now();
  const socket = connect({ port, host });
  try {
    return await new Promise((resolve) => {
      socket.setTimeout(500, () => resolve(null));
      socket.once('error', () => resolve(null));
      socket.once('close', () => resolve(null));
      socket.once('data', () => resolve(performance.now() - sent));
      socket.write('x');
    });
  } finally {
    socket.destroy();
  }
}
