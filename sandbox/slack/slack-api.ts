import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { checkBlocks } from './block-checks';

export interface SlackMessage {
  readonly channel: string;
  readonly ts: string;
  readonly threadTs: string | null;
  text: string;
  blocks: readonly Record<string, unknown>[];
  metadata: unknown;
  edited: boolean;
}

export interface SlackEphemeral {
  readonly channel: string;
  readonly user: string;
  readonly text: string;
}

export interface SlackFile {
  readonly id: string;
  readonly title: string;
  readonly bytes: Uint8Array;
}

export interface SlackApiOptions {
  /** The bot token calls must carry. */
  readonly token: string;
  /** Channels the bot is in, by name without #. */
  readonly channels?: readonly string[];
  /** Called once for each new or updated message, after it was answered. */
  readonly onMessage?: (message: SlackMessage, change: 'posted' | 'updated') => void;
  /** How often a picture is refused as not ready before it can be shown; Slack takes a moment. */
  readonly filesNotReady?: number;
}

/** The Slack Web API's calls Boucle makes, in memory, refusing what Slack's documentation says it refuses. */
export interface SlackApi {
  readonly messages: readonly SlackMessage[];
  readonly ephemerals: readonly SlackEphemeral[];
  readonly files: ReadonlyMap<string, SlackFile>;
  /** Method names in the order they were called. */
  readonly calls: readonly string[];
  message(channel: string, ts: string): SlackMessage | undefined;
  channelId(name: string): string;
  /** The next `times` calls are answered 429 with this Retry-After. */
  rateLimit(times: number, retryAfterSeconds: number): void;
  /** The next `times` calls of the method are answered with this error code of Slack's. */
  refuse(method: string, error: string, times: number): void;
  /** Register under any prefix; the Web API's base address is then `<origin><prefix>/api/`. */
  plugin(app: FastifyInstance): Promise<void>;
}

interface Upload {
  readonly id: string;
  readonly length: number;
  bytes: Uint8Array | null;
  title: string;
  complete: boolean;
  refusals: number;
}

type Form = Readonly<Record<string, string>>;
type Answer = Record<string, unknown>;

class Refused extends Error {
  constructor(
    readonly code: string,
    readonly messages: readonly string[] = [],
  ) {
    super(code);
  }
}

export function createSlackApi(options: SlackApiOptions): SlackApi {
  const channels = new Map((options.channels ?? ['crm-approvals']).map((name) => [name, idOf('C', name)]));
  const messages: SlackMessage[] = [];
  const ephemerals: SlackEphemeral[] = [];
  const uploads = new Map<string, Upload>();
  const files = new Map<string, SlackFile>();
  const calls: string[] = [];
  let limited = { times: 0, retryAfterSeconds: 0 };
  const refusals: { method: string; error: string; times: number }[] = [];
  let clock = 1_760_000_000_000_000;
  let origin = '';

  const channelOf = (form: Form): string => {
    const asked = need(form, 'channel');
    const found = channels.get(asked.replace(/^#/, ''));
    if (found !== undefined) return found;
    if ([...channels.values()].includes(asked)) return asked;
    throw new Refused('channel_not_found');
  };
  const usable = (id: string): boolean => {
    const upload = uploads.get(id);
    if (!upload?.complete) return false;
    return upload.refusals-- <= 0;
  };
  const content = (form: Form): Pick<SlackMessage, 'text' | 'blocks'> => {
    const blocks = form['blocks'] === undefined ? [] : json(form['blocks'], 'invalid_blocks_format');
    if (form['blocks'] === undefined && !form['text']) throw new Refused('no_text');
    if ((form['text'] ?? '').length > 40_000) throw new Refused('msg_too_long');
    if (form['blocks'] !== undefined) {
      const faults = checkBlocks(blocks, usable);
      if (faults.length > 0) throw new Refused('invalid_blocks', faults);
    }
    return { text: form['text'] ?? '', blocks: blocks as SlackMessage['blocks'] };
  };
  const tell = (message: SlackMessage, change: 'posted' | 'updated'): void => {
    const { onMessage } = options;
    if (onMessage) setImmediate(() => onMessage(message, change));
  };

  const methods: Record<string, (form: Form) => Answer> = {
    'chat.postMessage': (form) => {
      const channel = channelOf(form);
      const threadTs = form['thread_ts'] ?? null;
      if (threadTs !== null && !messages.some((m) => m.channel === channel && m.ts === threadTs)) {
        throw new Refused('thread_not_found');
      }
      const message: SlackMessage = {
        channel,
        ts: (clock++ / 1_000_000).toFixed(6),
        threadTs,
        ...content(form),
        metadata: form['metadata'] === undefined ? null : json(form['metadata'], 'invalid_metadata_format'),
        edited: false,
      };
      messages.push(message);
      tell(message, 'posted');
      return {
        channel,
        ts: message.ts,
        message: { text: message.text, blocks: message.blocks, ts: message.ts },
      };
    },
    'chat.update': (form) => {
      const channel = need(form, 'channel');
      // Unlike posting, updating takes the id alone.
      if (![...channels.values()].includes(channel)) throw new Refused('channel_not_found');
      const message = messages.find((m) => m.channel === channel && m.ts === need(form, 'ts'));
      if (message === undefined) throw new Refused('message_not_found');
      Object.assign(message, content(form), { edited: true });
      tell(message, 'updated');
      return { channel, ts: message.ts, text: message.text };
    },
    'chat.postEphemeral': (form) => {
      const channel = channelOf(form);
      const user = need(form, 'user');
      if (!/^[UW][A-Z0-9]{2,}$/.test(user)) throw new Refused('user_not_found');
      ephemerals.push({ channel, user, text: content(form).text });
      return { message_ts: (clock++ / 1_000_000).toFixed(6) };
    },
    'files.getUploadURLExternal': (form) => {
      need(form, 'filename');
      const length = Number(need(form, 'length'));
      if (!Number.isInteger(length) || length <= 0) throw new Refused('invalid_arguments');
      const id = idOf('F', `file ${uploads.size}`);
      uploads.set(id, {
        id,
        length,
        bytes: null,
        title: '',
        complete: false,
        refusals: options.filesNotReady ?? 0,
      });
      return { upload_url: `${origin}/upload/v1/${id}`, file_id: id };
    },
    'files.completeUploadExternal': (form) => {
      const list = json(need(form, 'files'), 'invalid_arguments') as { id: string; title?: string }[];
      return {
        files: list.map(({ id, title = '' }) => {
          const upload = uploads.get(id);
          if (!upload?.bytes) throw new Refused('file_not_found');
          Object.assign(upload, { complete: true, title });
          files.set(id, { id, title, bytes: upload.bytes });
          return { id, title };
        }),
      };
    },
  };

  const call = async (method: string, request: FastifyRequest, reply: FastifyReply): Promise<Answer> => {
    calls.push(method);
    if (limited.times > 0) {
      limited = { ...limited, times: limited.times - 1 };
      return reply
        .code(429)
        .header('retry-after', limited.retryAfterSeconds)
        .send({ ok: false, error: 'ratelimited' });
    }
    try {
      const authorization = request.headers.authorization;
      if (authorization === undefined) throw new Refused('not_authed');
      if (authorization !== `Bearer ${options.token}`) throw new Refused('invalid_auth');
      const planned = refusals.find((r) => r.method === method && r.times-- > 0);
      if (planned) throw new Refused(planned.error);
      const work = methods[method];
      if (work === undefined) throw new Refused('unknown_method');
      const form = Object.fromEntries(new URLSearchParams(String(request.body)));
      return { ok: true, ...work(form) };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { ok: false, error: error.code, response_metadata: { messages: error.messages } };
    }
  };

  return {
    messages,
    ephemerals,
    files,
    calls,
    message: (channel, ts) => messages.find((m) => m.channel === channel && m.ts === ts),
    channelId: (name) => channels.get(name.replace(/^#/, '')) ?? '',
    rateLimit: (times, retryAfterSeconds) => {
      limited = { times, retryAfterSeconds };
    },
    refuse: (method, error, times) => {
      refusals.push({ method, error, times });
    },
    async plugin(app) {
      app.removeAllContentTypeParsers();
      app.addContentTypeParser(
        'application/x-www-form-urlencoded',
        { parseAs: 'string' },
        (_req, body, done) => done(null, body),
      );
      app.addContentTypeParser(
        /^multipart\/form-data/,
        { parseAs: 'buffer', bodyLimit: 20 << 20 },
        (_req, body, done) => done(null, body),
      );
      app.post<{ Params: { method: string } }>('/api/:method', (request, reply) => {
        origin = `http://${request.headers.host ?? ''}${app.prefix}`;
        return call(request.params.method, request, reply);
      });
      app.post<{ Params: { id: string } }>('/upload/v1/:id', async (request, reply) => {
        const upload = uploads.get(request.params.id);
        const bytes = await fileOf(request);
        if (upload === undefined || bytes === null || bytes.length !== upload.length)
          return reply.code(400).send('bad upload');
        upload.bytes = bytes;
        return reply.send(`OK - ${bytes.length}`);
      });
    },
  };
}

/** Ids look like Slack's: a letter, then capitals and digits. */
const idOf = (letter: string, seed: string): string =>
  letter + createHash('sha256').update(seed).digest('hex').slice(0, 10).toUpperCase();

function need(form: Form, key: string): string {
  const value = form[key];
  if (value === undefined || value === '')
    throw new Refused('invalid_arguments', [`[ERROR] missing required field: ${key}`]);
  return value;
}

function json(text: string, code: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused(code);
  }
}

/** The one file of a multipart body. */
async function fileOf(request: FastifyRequest): Promise<Uint8Array | null> {
  const headers = { 'content-type': String(request.headers['content-type']) };
  const form = await new Response(new Uint8Array(request.body as Buffer), { headers }).formData();
  for (const [, value] of form)
    if (typeof value !== 'string') return new Uint8Array(await value.arrayBuffer());
  return null;
}
