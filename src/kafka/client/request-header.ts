/**
 * Size prefix and request header (version 2 where the body is flexible, else 1) of a request whose body is `chunks`.
 */
export function requestHeader(request: {
  readonly apiKey: number;
  readonly version: number;
  readonly correlationId: number;
  readonly flexible: boolean;
  readonly clientId: string;
  readonly chunks: readonly Uint8Array[];
}): Buffer {
  const clientIdBytes = Buffer.byteLength(request.clientId);
  const head = Buffer.alloc(14 + clientIdBytes + (request.flexible ? 1 : 0));
  const bodyBytes = request.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  head.writeInt32BE(head.length - 4 + bodyBytes, 0);
  head.writeInt16BE(request.apiKey, 4);
  head.writeInt16BE(request.version, 6);
  head.writeInt32BE(request.correlationId, 8);
  // The client id keeps its old-style length in every header version; the last byte is an empty set of tagged fields.
  head.writeInt16BE(clientIdBytes, 12);
  head.write(request.clientId, 14);
  return head;
}
