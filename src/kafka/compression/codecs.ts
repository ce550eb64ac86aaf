import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { KmkError } from '../../domain/errors.ts';
import type { Compression } from '../../app/ports/record-client.ts';

/** Compresses the records of one batch as Kafka's own clients do. */
export interface Codec {
  compress(bytes: Uint8Array): Promise<Uint8Array>;
  decompress(bytes: Uint8Array): Promise<Uint8Array>;
}

/** Compression names by their code in the attributes of a batch. */
export const COMPRESSIONS: readonly Compression[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

const loaded = new Map<Compression, Promise<Codec>>();

/** The codec, loaded on first use. Throws KMK_KAFKA_REQUEST for a code that Kafka does not define. */
export async function codecFor(code: number): Promise<Codec> {
  const name = COMPRESSIONS[code];
  if (name === undefined || name === 'none') {
    throw new KmkError('KMK_KAFKA_REQUEST', `compression ${code} is not known`, {
      context: { error: 'UNSUPPORTED_COMPRESSION_TYPE' },
    });
  }
  let codec = loaded.get(name);
  if (codec === undefined) loaded.set(name, (codec = LOADERS[name]()));
  return codec;
}

const LOADERS: Readonly<Record<Exclude<Compression, 'none'>, () => Promise<Codec>>> = {
  gzip: () => Promise.resolve({ compress: promisify(zlib.gzip), decompress: promisify(zlib.gunzip) }),
  snappy: loadSnappy,
  lz4: loadLz4,
  zstd: loadZstd,
};

interface KafkajsCodec {
  compress(encoder: { readonly buffer: Uint8Array }): Promise<Uint8Array>;
  decompress(bytes: Uint8Array): Promise<Uint8Array>;
}

function loadSnappy(): Promise<Codec> {
  // It has no types.
  const create = createRequire(import.meta.url)('kafkajs-snappy') as () => KafkajsCodec;
  const codec = create();
  return Promise.resolve({
    compress: (bytes) => codec.compress({ buffer: bytes }),
    decompress: (bytes) => codec.decompress(bytes),
  });
}

async function loadLz4(): Promise<Codec> {
  const lz4 = await import('lz4-napi');
  return { compress: (bytes) => lz4.compressFrame(bytes), decompress: (bytes) => lz4.decompressFrame(bytes) };
}

type Transform = (bytes: Uint8Array, callback: (error: Error | null, result: Buffer) => void) => void;

async function loadZstd(): Promise<Codec> {
  // Node has zstd since 22.15; its types in this project are those of Node 20.
  const { zstdCompress, zstdDecompress } = zlib as { zstdCompress?: Transform; zstdDecompress?: Transform };
  if (zstdCompress !== undefined && zstdDecompress !== undefined) {
    return { compress: promisify(zstdCompress), decompress: promisify(zstdDecompress) };
  }
  const zstd = await import('@bokuweb/zstd-wasm');
  await zstd.init();
  return {
    compress: (bytes) => Promise.resolve(zstd.compress(bytes)),
    decompress: (bytes) => Promise.resolve(decompressZstd(zstd.decompress, bytes)),
  };
}

const FIRST_GUESS_BYTES = 1 << 20;
const LAST_GUESS_BYTES = 1 << 29;

/** Java's encoder does not state the size of the content, so the output buffer is guessed and enlarged. */
function decompressZstd(
  decompress: (bytes: Uint8Array, options: { defaultHeapSize: number }) => Uint8Array,
  bytes: Uint8Array,
): Uint8Array {
  for (let guess = Math.max(FIRST_GUESS_BYTES, bytes.length * 8); ; guess *= 4) {
    try {
      return decompress(bytes, { defaultHeapSize: guess });
    } catch (error) {
      if (guess >= LAST_GUESS_BYTES) throw error;
    }
  }
}
