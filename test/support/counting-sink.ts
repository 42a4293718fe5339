import { SMTPServer } from 'smtp-server';
import type { Db } from '../../store/db';

export interface CountingSink {
  readonly url: string;
  /** Mails by address. */
  readonly received: ReadonlyMap<string, number>;
  total(): number;
  close(): Promise<void>;
}

/**
 * A relay that takes every mail and counts it. `answerAfterMs`: counted, and the answer still under way: the moment a
 * kill hurts.
 */
export async function countingSink(answerAfterMs = 0): Promise<CountingSink> {
  const received = new Map<string, number>();
  let total = 0;
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData: (stream, { envelope }, done) => {
      stream.resume();
      stream.on('end', () => {
        for (const { address } of envelope.rcptTo) received.set(address, (received.get(address) ?? 0) + 1);
        total += 1;
        setTimeout(done, answerAfterMs);
      });
    },
  });
  // A killed sender leaves broken connections behind.
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('the sink has no port');
  return {
    url: `smtp://127.0.0.1:${address.port}`,
    received,
    total: () => total,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Addresses of accepted deliveries that have not got exactly one mail. */
export async function acceptedButNotOnce(db: Db, { received }: CountingSink): Promise<string[]> {
  const accepted = await db.identity<{ email: string }[]>`
    select p.email from deliveries d join identity.people p using (profile_id) where d.state = 'accepted'`;
  return accepted.map(({ email }) => email).filter((email) => received.get(email) !== 1);
}
