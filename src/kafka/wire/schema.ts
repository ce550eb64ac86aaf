/** Nullable from version `n`; tagged as `t[0]` from version `t[1]`; default `d`; fields `f` of a struct. */
export interface FieldOptions {
  readonly n?: number;
  readonly t?: readonly [number, number];
  readonly d?: string;
  readonly f?: readonly CompactField[];
}

/** Name, type, first and last version. Types are Kafka's; `{}` is a struct, `[]` in front an array. */
export type CompactField =
  readonly [string, string, number, number] | readonly [string, string, number, number, FieldOptions];

/** Lowest and highest version, first flexible version (KIP-482), fields. */
export type CompactMessage = readonly [number, number, number, readonly CompactField[]];

/** Any value of the protocol. uuid, bytes and records are byte arrays; int64 is a bigint. */
export type WireValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly WireValue[]
  | { readonly [name: string]: WireValue };

export interface Field {
  readonly name: string;
  readonly type: string;
  /** Element type where the field is an array. */
  readonly element: string | null;
  readonly from: number;
  readonly to: number;
  readonly nullableFrom: number;
  readonly tag: number;
  readonly taggedFrom: number;
  readonly fields: readonly Field[];
  /** Value of the field in versions without it, and of requests that do not state it. */
  readonly fallback: WireValue;
}

export interface MessageSchema {
  readonly min: number;
  readonly max: number;
  readonly flexibleFrom: number;
  readonly fields: readonly Field[];
}

/** The tables of one request type. */
export interface ApiTables {
  readonly key: number;
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly request: MessageSchema;
  readonly response: MessageSchema;
}

/** One request type. The type parameters only tie requests to their responses. */
export interface Api<Request, Response> extends ApiTables {
  /** Never set: carries the types of both bodies. */
  readonly types?: readonly [Request, Response];
}

const NEVER = 32_767;
const ZERO_UUID = new Uint8Array(16);

/** Builds an API from its generated tables; they are parsed on first use, because most runs use few. */
export function defineApi<Request, Response>(
  key: number,
  name: string,
  request: string,
  response: string,
): Api<Request, Response> {
  let parsed: { request: MessageSchema; response: MessageSchema } | undefined;
  const schemas = () => (parsed ??= { request: parse(request), response: parse(response) });
  return {
    key,
    name,
    get min() {
      return schemas().request.min;
    },
    get max() {
      return schemas().request.max;
    },
    get request() {
      return schemas().request;
    },
    get response() {
      return schemas().response;
    },
  };
}

function parse(text: string): MessageSchema {
  const [min, max, flexibleFrom, fields] = JSON.parse(text) as CompactMessage;
  return { min, max, flexibleFrom, fields: fields.map(expand) };
}

function expand(compact: CompactField): Field {
  const [name, type, from, to, options = {}] = compact;
  const element = type.startsWith('[]') ? type.slice(2) : null;
  const fields = (options.f ?? []).map(expand);
  return {
    ...{ name, type, element, from, to, fields },
    nullableFrom: options.n ?? NEVER,
    tag: options.t?.[0] ?? -1,
    taggedFrom: options.t?.[1] ?? NEVER,
    fallback: fallback(type, fields, options.d),
  };
}

function fallback(type: string, fields: readonly Field[], stated: string | undefined): WireValue {
  if (stated === 'null') return null;
  if (type.startsWith('[]')) return [];
  switch (type) {
    case 'bool':
      return stated === 'true';
    case 'string':
      return stated ?? '';
    case 'int64':
      return BigInt(stated ?? 0);
    case 'uuid':
      return ZERO_UUID;
    case 'bytes':
    case 'records':
      return new Uint8Array(0);
    case '{}':
      return Object.fromEntries(fields.map((field) => [field.name, field.fallback]));
    default:
      return Number(stated ?? 0);
  }
}
