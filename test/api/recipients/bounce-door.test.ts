import type { Brand } from '../../../domain/creatives/ports';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { RETURNED_MAIL_BYTES, type BounceListener } from '../../../adapters/bounces/lmtp-listener';
import { createLinkSigner } from '../../../adapters/links/signer';
import { openBounceDoor } from '../../../api/bounce-door';
import type { Sql } from '../../../store/db';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { SEED_BRAND } from '../../support/delivery-bench';
import { returnedMail } from '../../support/returned-mail';
import { seedCampaign } from '../../support/seed-campaign';

const SECRET = 'a link secret only for the tests';
const DOMAIN = 'bounces.lumen.example.test';
const BRAND = { ...SEED_BRAND, sender: { ...SEED_BRAND.sender, bounceDomain: DOMAIN } };
const signer = createLinkSigner(SECRET);

let database: FreshDatabase;
let ids: number[] = [];
let door: BounceListener;
let logged: object[] = [];
const note = (entry: unknown): void => {
  logged.push({ entry });
};
const open = (sql: Sql, brands: readonly Brand[] = [BRAND]): Promise<BounceListener> =>
  openBounceDoor({
    host: '127.0.0.1',
    port: 0,
    sql,
    brands,
    linkSecret: SECRET,
    pepper: 'a-pepper-for-tests-only',
    log: { warn: note, error: note },
  });

beforeAll(async () => {
  database = await freshDatabase();
  const { profileIds } = await seedCampaign(database.db, { campaignId: 'cdoor2222222', people: 2 });
  const rows = await database.db.app<{ id: number }[]>`
    insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state)
    select 'cdoor2222222', 'first', p, 'w1', 'a', 'habitues', 'email', 'accepted'
    from unnest(${[...profileIds]}::bigint[]) p order by p returning id`;
  ids = rows.map((row) => row.id);
  door = await open(database.db.app);
});
afterAll(async () => {
  await door.close();
  await database.close();
});
beforeEach(async () => {
  logged = [];
  await database.db.app`delete from events`;
});

const path = (id: number): string => `bounce+${signer.bounce(id)}@${DOMAIN}`;
const bounceOf = (id: number): Buffer =>
  Buffer.from(
    returnedMail('postfix-failed', {
      returnPath: path(id),
      messageId: `x${id}@x.test`,
      unsubscribe: 'https://x.test/',
    }),
  );
const kept = () => database.db.app<{ type: string; delivery_id: number }[]>`
  select type, delivery_id from events order by delivery_id`;

/** As a mail server hands it over: the recipients taken, or the code of the refusal. */
async function handOver(
  mail: Buffer | string,
  to: string[],
  options: { lmtp?: boolean; port?: number } = {},
) {
  const { lmtp = true, port = door.port } = options;
  const connection = new SMTPConnection({ host: '127.0.0.1', port, lmtp, ignoreTLS: true });
  try {
    return await new Promise<string[] | number>((resolve, reject) => {
      connection.once('error', (fault) => resolve('responseCode' in fault ? Number(fault.responseCode) : -1));
      connection.connect(() => {
        connection.send({ from: '', to }, mail, (fault, info) => {
          if (fault !== null) resolve(fault.responseCode ?? -1);
          // LMTP answers for each recipient, RFC 2033 §4.2.
          else resolve(info.rejectedErrors?.[0]?.responseCode ?? info.accepted.map(String));
        });
      });
      setTimeout(() => reject(new Error('no answer')), 4_000).unref();
    });
  } finally {
    connection.close();
  }
}

test('a report of one’s own mail server is an event of its message, once however often it is handed over', async () => {
  const [id = 0] = ids;
  expect(await handOver(bounceOf(id), [path(id)])).toEqual([path(id)]);
  expect(await handOver(bounceOf(id), [path(id)])).toEqual([path(id)]);
  expect(await kept()).toEqual([{ type: 'message.bounced', delivery_id: id }]);
});

test('several recipients of one mail: each their own message', async () => {
  const mail = returnedMail('qmail', {
    returnPath: 'bounces@x.test',
    messageId: 'x@x.test',
    unsubscribe: 'https://x.test/',
  });
  await handOver(Buffer.from(mail), ids.map(path));
  expect(await kept()).toEqual(ids.map((id) => ({ type: 'message.returned', delivery_id: id })));
});

test.each([
  'camille@example.test',
  `camille@deeper.${DOMAIN}`,
  'bonjour@lumen.example.test',
  `camille%example.test@not-${DOMAIN}`,
])('nothing goes on from here: %s is refused', async (to) => {
  expect(await handOver(bounceOf(ids[0] ?? 0), [to])).toBe(550);
  expect(await kept()).toEqual([]);
});

test('an address that nobody signed names no message, is taken all the same, and not quoted in the log', async () => {
  const to = `camille.martin@${DOMAIN}`;
  expect(await handOver('Subject: hello\r\n\r\nWhere is my order?\r\n', [to])).toEqual([to]);
  expect(await kept()).toEqual([]);
  expect(logged).toEqual([{ entry: { code: 'returned-mail-unknown', kind: 'unknown', why: 'no-report' } }]);
});

test('what is larger than a report can be is refused for good', async () => {
  const mail = Buffer.concat([bounceOf(ids[0] ?? 0), Buffer.alloc(RETURNED_MAIL_BYTES, 'a line of it\r\n')]);
  expect(await handOver(mail, [path(ids[0] ?? 0)])).toBe(552);
  expect(await kept()).toEqual([]);
});

test('speaks LMTP alone: a mail server that takes it for an ordinary relay gets nowhere', async () => {
  expect(await handOver(bounceOf(ids[0] ?? 0), [path(ids[0] ?? 0)], { lmtp: false })).not.toEqual([
    path(ids[0] ?? 0),
  ]);
  expect(await kept()).toEqual([]);
});

test('what could not be kept is for the mail server to hand over again', async () => {
  const away = await freshDatabase();
  const other = await open(away.db.app);
  await away.close();
  expect(await handOver(bounceOf(ids[0] ?? 0), [path(ids[0] ?? 0)], { port: other.port })).toBe(451);
  expect(logged).toMatchObject([{ entry: { code: 'returned-mail-not-kept' } }]);
  await other.close();
});

test('without a domain for bounces there is nothing to listen for', () => {
  expect(() => open(database.db.app, [SEED_BRAND])).toThrow('configuration-invalid');
});
