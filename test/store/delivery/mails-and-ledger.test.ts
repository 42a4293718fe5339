import type { AddressInfo } from 'node:net';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { compileCreative } from '../../../adapters/renderer/personalise';
import { createMimeCompiler } from '../../../adapters/smtp/compiled-mime';
import { createSmtpSender } from '../../../adapters/smtp/smtp-sender';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { deliveryBench, SEED_BRAND } from '../../support/delivery-bench';
import { seedCampaign, seedPeople } from '../../support/seed-campaign';
import { planTestWave } from '../../support/wave';

const PEOPLE = 240;
const NAMES = ['Zoé', "D'Angelo", 'test', null, 'Nguyễn', 'ANNE-LISE', '<b>', 'O’Brien'] as const;
/** What a reader should see of each. */
const SHOWN = ['Zoé', "D'Angelo", 'à vous', 'à vous', 'Nguyễn', 'Anne-Lise', 'à vous', 'O’Brien'] as const;

interface Received {
  readonly queued: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly source: string;
}

let database: FreshDatabase;
let relay: SMTPServer;
const received: Received[] = [];
beforeEach(async () => {
  database = await freshDatabase();
  received.length = 0;
  relay = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo: ({ address }, _session, done) =>
      done(
        /[36]@/.test(address) ? Object.assign(new Error('5.1.1 unknown'), { responseCode: 550 }) : undefined,
      ),
    onData: (stream, { envelope: { mailFrom, rcptTo } }, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const queued = `Q${received.length}`;
        received.push({
          queued,
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          source: Buffer.concat(chunks).toString('latin1'),
        });
        done(null, `2.0.0 Ok: queued as ${queued}`);
      });
    },
  });
  relay.on('error', () => undefined);
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', () => resolve()));
});
afterEach(async () => {
  await new Promise<void>((resolve) => relay.close(() => resolve()));
  await database.close();
});

const BRAND = {
  ...SEED_BRAND,
  sender: {
    ...SEED_BRAND.sender,
    bounceDomain: 'retour.lumen.example.test',
    unsubscribeMailbox: 'non@lumen.example.test',
  },
  senders: { promotion: { name: 'Maison Lumen, les offres', address: 'offres@promo.lumen.example.test' } },
};

const WORDS = {
  subject: '{{ person.firstName | default: "Bonjour" }} — l’été',
  html: '<p>Bonjour {{ person.firstName | default: "à vous" }},</p><a href="{{ links[0] }}">Voir</a><a href="{{ links[1] }}">Aide</a><a href="{{ unsubscribeUrl }}">Non</a>{% if pixelUrl %}<img src="{{ pixelUrl }}" alt="">{% endif %}',
  text: 'Bonjour {{ person.firstName | default: "à vous" }},\n.\nVoir : {{ links[0] }}\nNon : {{ unsubscribeUrl }}\n',
};

it.each([
  ['compiled', true],
  ['written one by one', false],
])('what the relay holds is, person by person, what the ledger says: mails %s', async (_, compiled) => {
  const { db } = database;
  const people = await seedPeople(db, PEOPLE);
  await db.identity`
    update identity.people p set first_name = x.name from unnest(${people}::bigint[], ${people.map((_id, n) => NAMES[n % NAMES.length] ?? null)}::text[]) as x (id, name)
    where p.profile_id = x.id`;
  const seeded = await seedCampaign(db, {
    people,
    openTracking: 0.5,
    arms: [{ key: 'a' }, { key: 'b' }, { key: 'none', control: true }],
  });
  const campaign = {
    ...seeded,
    creatives: seeded.creatives.map((creative) => ({
      ...creative,
      ...WORDS,
      html: `${WORDS.html}<p>${creative.arm}</p>`,
    })),
  };
  const { port } = relay.server.address() as AddressInfo;
  const sender = createSmtpSender({ url: `smtp://127.0.0.1:${port}?tls=off`, connections: 6 });
  const { activities, signer } = deliveryBench(db, campaign, sender, {
    compile: compileCreative,
    ...(compiled ? { compileMime: createMimeCompiler() } : {}),
    brandOf: () => BRAND,
    batchSize: 50,
  });
  const wave = await planTestWave(activities, campaign);
  await wave.run();
  await sender.close();

  const rows = await db.app<
    {
      id: number;
      profile_id: number;
      state: string;
      code: string;
      arm: string;
      provider_id: string;
      open_pixel: boolean;
    }[]
  >`select id, profile_id, state, code, arm, provider_id, open_pixel from deliveries where campaign_id = ${campaign.campaignId}`;
  const refused = (id: number): boolean => /[36]$/.test(String(id));
  expect(rows).toHaveLength((PEOPLE * 2) / 3);
  expect(rows.filter(({ state }) => state === 'accepted')).toHaveLength(received.length);
  const byDelivery = new Map<number, Received>();
  for (const mail of received) {
    const id = Number(/^X-Boucle-Delivery: (\d+)\r$/m.exec(mail.source)?.[1]);
    expect(byDelivery.has(id)).toBe(false);
    byDelivery.set(id, mail);
  }
  for (const row of rows) {
    const mail = byDelivery.get(row.id);
    expect(row).toMatchObject(
      refused(row.profile_id)
        ? { state: 'failed', code: '550 5.1.1' }
        : { state: 'accepted', provider_id: mail?.queued },
    );
    expect(mail === undefined).toBe(refused(row.profile_id));
    if (mail === undefined) continue;
    const at = people.indexOf(row.profile_id);
    const name = SHOWN[at % SHOWN.length] ?? '';
    const read = await PostalMime.parse(mail.source);
    const header = (key: string): string | undefined => read.headers.find((h) => h.key === key)?.value;

    expect(mail.to).toEqual([`p${row.profile_id}@example.test`]);
    const bounce = /^bounce\+(.{28})@retour\.lumen\.example\.test$/.exec(mail.from)?.[1] ?? '';
    expect(signer.read(bounce)).toEqual({ kind: 'bounce', deliveryId: row.id });
    expect(read.to?.[0]?.address).toBe(`p${row.profile_id}@example.test`);
    expect(read.from).toMatchObject(BRAND.senders.promotion);
    expect(read.subject).toBe(`${name === 'à vous' ? 'Bonjour' : name} — l’été`);
    expect(read.messageId).toBe(`<d${row.id}.${campaign.campaignId}@promo.lumen.example.test>`);
    expect(header('feedback-id')).toBe(`${campaign.campaignId}:crm:promotion:maison-lumen`);
    expect(header('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');

    const html = read.html ?? '';
    expect(html).toContain(`<p>Bonjour ${name.replace("'", '&#39;')},</p>`);
    expect(html).toContain(`<p>${row.arm}</p>`);
    expect(read.text).toContain(`Bonjour ${name},\n.\nVoir : http`);
    const token = (path: string): string[] =>
      [...html.matchAll(new RegExp(`http://127.0.0.1:8080/${path}/([\\w-]{28})"`, 'g'))].map(
        ([, t]) => t ?? '',
      );
    expect(token('t/c').map((t) => signer.read(t))).toEqual([
      { kind: 'click', deliveryId: row.id, linkIndex: 0 },
      { kind: 'click', deliveryId: row.id, linkIndex: 1 },
    ]);
    const [unsubscribe = ''] = token('u');
    expect(signer.read(unsubscribe)).toEqual({ kind: 'unsubscribe', deliveryId: row.id });
    expect(header('list-unsubscribe')).toBe(
      `<http://127.0.0.1:8080/u/${unsubscribe}>, <mailto:non@lumen.example.test?subject=unsubscribe%20${unsubscribe}>`,
    );
    expect(token('t/o').map((t) => signer.read(t))).toEqual(
      at < PEOPLE / 2 ? [{ kind: 'open', deliveryId: row.id }] : [],
    );
    expect(row.open_pixel).toBe(at < PEOPLE / 2);
  }
});
