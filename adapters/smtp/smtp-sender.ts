import { setTimeout as sleep } from 'node:timers/promises';
import type { EmailSender, SendOutcome } from '../../domain/delivery/ports';
import { RELAY_UNREACHABLE } from '../../domain/delivery/retry-policy';
import { wireAddress } from './address';
import type { DkimSigner } from './dkim';
import { buildMime } from './mime';
import { outcomeOf, type SmtpFault } from './outcome';
import { openLine } from './open-line';
import type { SmtpLine } from './smtp-line';
import { readSmtpUrl } from './smtp-url';

export interface SmtpSenderOptions {
  /** smtp://user:password@host:port */
  readonly url: string;
  /** Messages on the wire at once, and connections kept open. */
  readonly connections: number;
  readonly connectTimeoutMs?: number;
  /**
   * How long the answer to one message may take. RFC 5321 §4.5.3.2 asks for patience (10 minutes for the body): a
   * message given up too early is an uncertain one.
   */
  readonly answerTimeoutMs?: number;
  /** Who may have signed the relay's certificate (PEM), instead of the authorities Node knows. */
  readonly ca?: string;
  /** Left out, the relay signs. */
  readonly dkim?: DkimSigner;
}

/** Lines that are asked for together and open within this of each other are used together. */
const TOGETHER_MS = 250;

/** SMTP over connections kept open, opened when first needed. Never throws: what went wrong is the outcome. */
export function createSmtpSender(options: SmtpSenderOptions): EmailSender {
  const target = readSmtpUrl(options.url);
  const timeouts = {
    connectMs: options.connectTimeoutMs ?? 10_000,
    answerMs: options.answerTimeoutMs ?? 600_000,
  };
  const idle: SmtpLine[] = [];
  const waiting: (() => void)[] = [];
  let busy = 0;
  let opening = 0;
  let waitingForLine: (() => void)[] = [];
  const news = (): Promise<void> => new Promise((resolve) => waitingForLine.push(resolve));
  const tell = (): void => {
    const told = waitingForLine;
    waitingForLine = [];
    for (const resolve of told) resolve();
  };
  let closed = false;

  const enter = async (): Promise<void> => {
    if (busy >= options.connections) await new Promise<void>((resolve) => waiting.push(resolve));
    else busy += 1;
  };
  const leave = (): void => {
    const next = waiting.shift();
    if (next) next();
    else busy -= 1;
  };
  const idleLine = (): SmtpLine | undefined => {
    for (let line = idle.pop(); line !== undefined; line = idle.pop()) if (line.usable) return line;
    return undefined;
  };

  const open = () => openLine(target, timeouts, options.ca);
  const idleLines = (): number => idle.filter((line) => line.usable).length;
  const keep = (line: SmtpLine): void => {
    if (line.usable && !closed) idle.push(line);
    else line.close();
    tell();
  };

  const openIdle = async (): Promise<void> => {
    opening += 1;
    const line = await open();
    opening -= 1;
    if ('fault' in line) tell();
    else keep(line);
  };

  const linesFor = async (messages: number, openings: readonly Promise<void>[]): Promise<number> => {
    while (idleLines() === 0 && opening > 0) await news();
    // One is there: the others are given a moment, and whoever hangs no more than that.
    await Promise.race([Promise.all(openings), sleep(TOGETHER_MS, undefined, { ref: false })]);
    // Where there is none, the messages find out why.
    return Math.min(messages, idleLines()) || messages;
  };

  /** A line that stood idle may be dead without our knowing: what never reached the body goes once more on a fresh one. */
  const isStale = (line: SmtpLine, fault: SmtpFault): boolean =>
    !line.usable && !fault.bodyStarted && (fault.reply === null || fault.reply.startsWith('421'));

  const handOver = async (
    from: string,
    to: string,
    mime: string,
    allowKept: boolean,
  ): Promise<SendOutcome> => {
    const kept = allowKept ? idleLine() : undefined;
    const line = kept ?? (await open());
    if ('fault' in line) return outcomeOf(line.fault);
    const result = await line.send(from, to, mime);
    keep(line);
    if ('reply' in result) return { kind: 'accepted', providerId: queueId(result.reply) };
    if (kept !== undefined && isStale(kept, result.fault)) return handOver(from, to, mime, false);
    return outcomeOf(result.fault);
  };

  return {
    connections: options.connections,
    // SMTP has no key to know a message again by.
    idempotent: false,
    ready(messages) {
      const there = idleLines();
      const missing = Math.min(messages, options.connections - busy - opening) - there;
      const openings = Array.from({ length: closed ? 0 : Math.max(0, missing) }, openIdle);
      if (there > 0 || opening === 0) return Math.min(messages, there) || messages;
      return linesFor(messages, openings);
    },
    async send(email) {
      const to = wireAddress(email.to.address);
      const sender = wireAddress(email.from.address);
      const from = email.returnPath === undefined ? sender : wireAddress(email.returnPath);
      if (to === null || sender === null || from === null)
        return { kind: 'failed', code: to === null ? 'bad-address' : 'bad-sender' };
      const mime =
        email.mime ??
        buildMime(
          { ...email, to: { ...email.to, address: to }, from: { ...email.from, address: sender } },
          new Date(),
        );
      const signed = (await options.dkim?.(mime, domainOf(sender), new Date())) ?? mime;
      await enter();
      try {
        if (closed) return { kind: 'retry', code: RELAY_UNREACHABLE };
        return await handOver(from, to, signed, true);
      } finally {
        leave();
      }
    },
    close() {
      closed = true;
      for (const line of idle.splice(0)) line.close();
      return Promise.resolve();
    },
  };
}

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);

/** The relay's own name for the message, where its reply has one ("250 2.0.0 Ok: queued as 4F2a"). */
const queueId = (reply: string): string => /queued as (?:<)?([\w.@-]{1,64})/i.exec(reply)?.[1] ?? '';
