import { setTimeout as sleep } from 'node:timers/promises';
import { oneClickUnsubscribe, readHeaders } from '../mail-sink/mail-headers';
import { trackedAddresses } from './tracked-addresses';
import type { MailDeeds } from './behaviour';

export interface MailReader {
  /** Does over HTTP what somebody does with a mail. Answers whether a link was followed as far as the shop. */
  act(raw: Buffer, deeds: MailDeeds): Promise<{ arrived: boolean }>;
  readonly counts: Readonly<Record<'opened' | 'followed' | 'lost' | 'unsubscribed', number>>;
}

export interface MailReaderOptions {
  /** Where a mail's main link leads in the end. */
  readonly shopUrl: string;
  readonly fetch?: typeof fetch;
}

const TRIES = 4;
const TIMEOUT_MS = 10_000;
/** Mail programs say who they are, and trackers look at it. */
const MAIL_PROGRAM = {
  'user-agent':
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36',
};

/** Redirects are followed one by one: the tracked address first, then wherever it leads. */
export function createMailReader({ shopUrl, fetch: call = fetch }: MailReaderOptions): MailReader {
  const counts = { opened: 0, followed: 0, lost: 0, unsubscribed: 0 };
  /** Place of the link that led to the shop last time: mails of one creative have it at the same place. */
  let usual = 0;

  const request = async (url: string, init: RequestInit = {}): Promise<Response> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const response = await call(url, {
          ...init,
          headers: { ...MAIL_PROGRAM, ...init.headers },
          redirect: 'manual',
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        if (response.status < 500 || attempt === TRIES) return response;
        await response.arrayBuffer();
      } catch (fault) {
        if (attempt === TRIES) throw fault;
      }
      await sleep(250 * 2 ** attempt);
    }
  };
  const drain = async (response: Response): Promise<void> => void (await response.arrayBuffer());

  /** True when the tracked address led to the shop and the shop answered. */
  const follow = async (link: string): Promise<boolean> => {
    const tracked = await request(link);
    await drain(tracked);
    const target = tracked.headers.get('location');
    if (target === null || !target.startsWith(shopUrl)) return false;
    const page = await request(target);
    await drain(page);
    return page.ok;
  };

  const followSome = async (links: readonly string[]): Promise<boolean> => {
    const order = [...new Set([usual, ...links.keys()])].filter((i) => i < links.length);
    for (const i of order) {
      const link = links[i];
      if (link === undefined || !(await follow(link))) continue;
      usual = i;
      return true;
    }
    return false;
  };

  return {
    counts,
    async act(raw, deeds) {
      let arrived = false;
      if (deeds.loadsPictures || deeds.followsLink) {
        const { links, pixel } = trackedAddresses(raw);
        if (deeds.loadsPictures && pixel !== null) {
          await drain(await request(pixel));
          counts.opened += 1;
        }
        if (deeds.followsLink) {
          arrived = await followSome(links);
          counts[arrived ? 'followed' : 'lost'] += 1;
        }
      }
      const unsubscribe = deeds.unsubscribes ? oneClickUnsubscribe(readHeaders(raw)) : null;
      if (unsubscribe !== null) {
        const answer = await request(unsubscribe, {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: 'List-Unsubscribe=One-Click',
        });
        await drain(answer);
        if (answer.ok) counts.unsubscribed += 1;
      }
      return { arrived };
    },
  };
}
