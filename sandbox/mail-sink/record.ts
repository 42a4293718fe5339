import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  truncateSync,
  write,
  writev,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** One mail as it was received. `to` are the addresses of the envelope, lower case. */
export interface ReceivedMail {
  readonly id: number;
  readonly at: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  /** Of the message's own headers, where it has them. */
  readonly campaign: string | null;
  readonly delivery: string | null;
  readonly messageId: string | null;
  readonly bytes: number;
  /** Where the message begins in mails.raw; null: over the limit of what is kept whole. */
  readonly offset: number | null;
}

export type NewMail = Omit<ReceivedMail, 'id' | 'at' | 'bytes' | 'offset'>;

export interface MailCounts {
  readonly mails: number;
  readonly addresses: number;
  /** How many addresses received so many mails: {"1": 900, "2": 3}. */
  readonly byTimes: Readonly<Record<string, number>>;
  /** Addresses that received more than one, the worst first, a thousand at most. */
  readonly repeated: readonly { readonly address: string; readonly mails: number }[];
}

export interface MailFilter {
  readonly campaign?: string;
  /** ISO 8601; mails received from then on. */
  readonly since?: string;
  /** Part of an address. */
  readonly address?: string;
}

export interface MailRecord {
  readonly mails: readonly ReceivedMail[];
  /** Resolves once the mail is written, so that nothing is acknowledged that a kill could take back. */
  append(mail: NewMail, raw: Buffer): Promise<ReceivedMail>;
  get(id: number): ReceivedMail | undefined;
  raw(id: number): Buffer | undefined;
  find(filter: MailFilter): ReceivedMail[];
  counts(filter?: MailFilter): MailCounts;
  close(): Promise<void>;
}

const REPEATED_SHOWN = 1_000;
const writeVector = promisify(writev);
const writeText = promisify(write);

/**
 * Every mail received, in two append-only files of `dir`: mails.ndjson (a line each, enough to count) and mails.raw
 * (the messages, up to `keepBytes`; later ones are recorded without their text). A line cut short by a kill is cut off.
 */
export function openMailRecord(dir: string, keepBytes = 2 ** 30): MailRecord {
  mkdirSync(dir, { recursive: true });
  const indexPath = join(dir, 'mails.ndjson');
  const mails = readIndex(indexPath);
  const index = openSync(indexPath, 'a');
  const bodies = openSync(join(dir, 'mails.raw'), 'a+');
  let kept = mails.reduce(
    (end, mail) => (mail.offset === null ? end : Math.max(end, mail.offset + mail.bytes)),
    0,
  );
  // What a killed run wrote of a message without its line is no message.
  truncateSync(join(dir, 'mails.raw'), kept);

  interface Waiting {
    readonly mail: NewMail;
    readonly raw: Buffer;
    readonly resolve: (mail: ReceivedMail) => void;
    readonly reject: (fault: unknown) => void;
  }
  let waiting: Waiting[] = [];
  let writing: Promise<void> | null = null;

  const flush = async (): Promise<void> => {
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      try {
        const at = new Date().toISOString();
        const done = group.map(({ mail, raw }, i): ReceivedMail => {
          const keep = kept + raw.length <= keepBytes;
          const offset = keep ? kept : null;
          if (keep) kept += raw.length;
          return { id: mails.length + i + 1, at, ...mail, bytes: raw.length, offset };
        });
        const whole = group.filter((_, i) => done[i]?.offset !== null).map(({ raw }) => raw);
        if (whole.length > 0) await writeVector(bodies, whole);
        await writeText(index, done.map((mail) => `${JSON.stringify(mail)}\n`).join(''));
        mails.push(...done);
        group.forEach(({ resolve, reject }, i) => {
          const mail = done[i];
          if (mail) resolve(mail);
          else reject(new Error('mail-not-recorded'));
        });
      } catch (fault) {
        for (const { reject } of group) reject(fault);
      }
    }
  };
  const wake = (): void => {
    writing ??= flush().finally(() => {
      writing = null;
      if (waiting.length > 0) wake();
    });
  };

  const find = (filter: MailFilter): ReceivedMail[] => {
    const part = filter.address?.toLowerCase();
    return mails.filter(
      (mail) =>
        (filter.campaign === undefined || mail.campaign === filter.campaign) &&
        (filter.since === undefined || mail.at >= filter.since) &&
        (part === undefined || mail.to.some((address) => address.includes(part))),
    );
  };

  return {
    mails,
    append: (mail, raw) =>
      new Promise((resolve, reject) => {
        waiting.push({ mail, raw, resolve, reject });
        wake();
      }),
    get: (id) => mails[id - 1],
    raw(id) {
      const mail = mails[id - 1];
      if (!mail || mail.offset === null) return undefined;
      const raw = Buffer.alloc(mail.bytes);
      readSync(bodies, raw, 0, mail.bytes, mail.offset);
      return raw;
    },
    find,
    counts: (filter = {}) => countByAddress(find(filter)),
    async close() {
      await writing;
      fsyncSync(index);
      closeSync(index);
      closeSync(bodies);
    },
  };
}

export function countByAddress(mails: readonly Pick<ReceivedMail, 'to'>[]): MailCounts {
  const perAddress = new Map<string, number>();
  for (const mail of mails)
    for (const address of mail.to) perAddress.set(address, (perAddress.get(address) ?? 0) + 1);
  const byTimes: Record<string, number> = {};
  for (const times of perAddress.values()) byTimes[times] = (byTimes[times] ?? 0) + 1;
  const repeated = [...perAddress]
    .filter(([, times]) => times > 1)
    .map(([address, times]) => ({ address, mails: times }))
    .sort((a, b) => b.mails - a.mails || a.address.localeCompare(b.address))
    .slice(0, REPEATED_SHOWN);
  return { mails: mails.length, addresses: perAddress.size, byTimes, repeated };
}

/** Lines of an earlier run. What follows the last line break was never acknowledged and is cut off. */
function readIndex(path: string): ReceivedMail[] {
  if (!existsSync(path)) return [];
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf(10) + 1;
  if (end < bytes.length) truncateSync(path, end);
  const mails: ReceivedMail[] = [];
  for (const line of bytes.subarray(0, end).toString('utf8').split('\n'))
    if (line !== '') mails.push(JSON.parse(line));
  return mails;
}
