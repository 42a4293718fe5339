import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/**
 * What became of one POST. `not-sent`: no connection came about, so the other side has not a byte of it.
 * `no-answer`: it may have arrived, and nothing says so.
 */
export type PostResult =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body: string;
      /** What Retry-After asks for; null: nothing. */
      readonly retryAfterSeconds: number | null;
    }
  | { readonly kind: 'not-sent' }
  | { readonly kind: 'no-answer'; readonly code: 'no-answer' | 'connection-lost' };

export interface PostClient {
  post(what: Post): Promise<PostResult>;
  close(): void;
}

export interface PostClientOptions {
  /** Requests at once, and connections kept open. */
  readonly connections: number;
  readonly connectTimeoutMs?: number;
  /** From the connection to the last byte of the answer. */
  readonly answerTimeoutMs?: number;
  /** How names become addresses; left out, as the system does it. */
  readonly lookup?: LookupFunction;
}

/** Idle connections are given up before servers and balancers (5 s and more) do: a POST on a dead one is uncertain. */
const IDLE_MS = 4_000;
/** Providers answer in a few hundred bytes; what comes after this is not kept. */
const ANSWER_MAX_BYTES = 64 << 10;

/**
 * POSTs over connections kept open, never twice: unlike `fetch`, it can tell a request that never left from one
 * nobody answered. Never throws.
 */
export function createPostClient(options: PostClientOptions): PostClient {
  const pool = {
    keepAlive: true,
    maxSockets: options.connections,
    timeout: IDLE_MS,
    ...(options.lookup === undefined ? {} : { lookup: options.lookup }),
  };
  const agents = { http: new HttpAgent(pool), https: new HttpsAgent(pool) };
  const connectMs = options.connectTimeoutMs ?? 10_000;
  const answerMs = options.answerTimeoutMs ?? 30_000;

  return {
    post: ({ url, headers, body }) =>
      new Promise((resolve) => {
        const target = new URL(url);
        const secure = target.protocol === 'https:';
        let connected = false;
        let timer: NodeJS.Timeout | undefined;
        const settle = (result: PostResult): void => {
          clearTimeout(timer);
          resolve(result);
        };
        const lost = (): void =>
          settle(connected ? { kind: 'no-answer', code: 'connection-lost' } : { kind: 'not-sent' });

        const request = (secure ? httpsRequest : httpRequest)(target, {
          method: 'POST',
          agent: secure ? agents.https : agents.http,
          headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
        });
        const giveUp = (): void => {
          settle(connected ? { kind: 'no-answer', code: 'no-answer' } : { kind: 'not-sent' });
          request.destroy();
        };
        request.on('socket', (socket) => {
          const onLine = (): void => {
            connected = true;
            clearTimeout(timer);
            timer = setTimeout(giveUp, answerMs);
          };
          if (!socket.connecting) return onLine();
          timer = setTimeout(giveUp, connectMs);
          socket.once(secure ? 'secureConnect' : 'connect', onLine);
        });
        request.on('error', lost);
        request.on('response', (response) => {
          const parts: Buffer[] = [];
          let size = 0;
          response.on('data', (part: Buffer) => {
            if (size < ANSWER_MAX_BYTES) parts.push(part);
            size += part.length;
          });
          response.on('error', lost);
          response.on('close', lost);
          response.on('end', () =>
            settle({
              kind: 'answer',
              status: response.statusCode ?? 0,
              body: Buffer.concat(parts).toString('utf8'),
              retryAfterSeconds: retryAfterSeconds(response, Date.now()),
            }),
          );
        });
        request.end(body);
      }),
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

/** RFC 9110 §10.2.3: seconds, or a date; null where there is neither. */
function retryAfterSeconds(response: IncomingMessage, nowMs: number): number | null {
  const asked = response.headers['retry-after'];
  if (asked === undefined) return null;
  if (/^\d{1,9}$/.test(asked)) return Number(asked);
  const at = Date.parse(asked);
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - nowMs) / 1_000));
}

/** The answer as JSON of any shape; undefined where it is none. */
export function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
