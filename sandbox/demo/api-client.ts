import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

const problem = z.object({
  code: z.string(),
  detail: z.string(),
  faults: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

/** An answer that is no success, in the API's own words. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export interface ApiCall<T extends z.ZodType> {
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: unknown;
  /** Text as it is, instead of a JSON body. */
  readonly text?: { readonly contentType: string; readonly content: string };
  readonly answer: T;
  /** What the answer is to be. Default: JSON. */
  readonly accept?: 'application/json' | 'text/markdown';
  readonly timeoutMs?: number;
}

export interface ApiClient {
  call<T extends z.ZodType>(call: ApiCall<T>): Promise<z.output<T>>;
  /** Until it answers: for what may be asked again and again, across restarts of the api. */
  patiently<T extends z.ZodType>(call: ApiCall<T>, patienceMs?: number): Promise<z.output<T>>;
  /** The same API under another key. */
  as(key: string): ApiClient;
}

/** The public REST API as any user calls it. */
export function createApiClient(url: string, key: string): ApiClient {
  const call = async <T extends z.ZodType>(asked: ApiCall<T>): Promise<z.output<T>> => {
    const body = asked.text?.content ?? (asked.body === undefined ? undefined : JSON.stringify(asked.body));
    const contentType = asked.text?.contentType ?? 'application/json';
    const response = await fetch(`${url}${asked.path}`, {
      method: asked.method ?? 'GET',
      headers: {
        authorization: `Bearer ${key}`,
        accept: asked.accept ?? 'application/json',
        ...(body === undefined ? {} : { 'content-type': contentType }),
      },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(asked.timeoutMs ?? 30_000),
    });
    const text = await response.text();
    if (!response.ok) throw problemOf(response.status, text);
    if (asked.accept === 'text/markdown') return asked.answer.parse(text);
    return asked.answer.parse(text === '' ? null : JSON.parse(text));
  };

  return {
    call,
    async patiently(asked, patienceMs = 60_000) {
      const until = Date.now() + patienceMs;
      for (;;) {
        try {
          return await call(asked);
        } catch (fault) {
          const final =
            fault instanceof ApiProblem
              ? fault.status < 500 && fault.status !== 429
              : fault instanceof z.ZodError;
          if (final || Date.now() > until) throw fault;
          await sleep(500);
        }
      }
    },
    as: (other) => createApiClient(url, other),
  };
}

function problemOf(status: number, text: string): ApiProblem {
  try {
    const { code, detail, faults = [] } = problem.parse(JSON.parse(text));
    const lines = faults.slice(0, 10).map((fault) => `\n  ${fault.path}: ${fault.message}`);
    return new ApiProblem(status, code, `${detail} (${code})${lines.join('')}`);
  } catch {
    return new ApiProblem(status, 'unknown', `HTTP ${status}`);
  }
}
