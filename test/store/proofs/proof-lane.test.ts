import { SMTPServer } from 'smtp-server';
import PostalMime, { type Email } from 'postal-mime';
import { sendProof, type SendProofDeps } from '../../../activities/proofs/send-proof';
import { createSmtpSender } from '../../../adapters/smtp/smtp-sender';
import { loadBrands } from '../../../config/brands';
import type { OutgoingByChannel, SendOutcome, Senders } from '../../../domain/delivery/ports';
import type { Channel } from '../../../domain/shared/words';
import { createCampaignsStore } from '../../../store/campaigns-store';
import { createCreativesStore } from '../../../store/creatives-store';
import { fingerprint } from '../../../store/fingerprint';
import { createPoliciesStore } from '../../../store/policies-store';
import { createProofsStore, type NewProof } from '../../../store/proofs-store';
import { runProofLane } from '../../../worker/proof-lane';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { seedCampaign, type SeededCampaign } from '../../support/seed-campaign';

const PEPPER = 'a-pepper-for-tests-only';
const QUIET = { info: () => {}, warn: () => {} };

/** A relay that takes everything and keeps it. */
async function mailbox() {
  const mails: { to: string[]; raw: Buffer }[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        mails.push({ to: session.envelope.rcptTo.map(({ address }) => address), raw: Buffer.concat(chunks) });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

let fresh: FreshDatabase;
let seeded: SeededCampaign;
let relay: Awaited<ReturnType<typeof mailbox>>;
let handed: { channel: Channel; message: OutgoingByChannel[Channel] }[];
let answer: SendOutcome;
let deps: SendProofDeps;
beforeEach(async () => {
  fresh = await freshDatabase();
  seeded = await seedCampaign(fresh.db, { campaignId: 'cproofs00001', people: 2 });
  relay = await mailbox();
  handed = [];
  answer = { kind: 'accepted', providerId: 'x' };
  const keeping = <C extends Channel>(channel: C): Senders[C] =>
    ({
      connections: 2,
      idempotent: true,
      send: async (message: OutgoingByChannel[C]) => {
        handed.push({ channel, message });
        return answer;
      },
      close: async () => {},
    }) as unknown as Senders[C];
  deps = {
    proofs: createProofsStore(fresh.db, PEPPER),
    creatives: createCreativesStore(fresh.db.app),
    campaigns: createCampaignsStore(fresh.db.app),
    policies: createPoliciesStore(fresh.db.app),
    senders: {
      email: createSmtpSender({ url: relay.url, connections: 1 }),
      sms: keeping('sms'),
      push: keeping('push'),
      'in-app': keeping('in-app'),
      letter: keeping('letter'),
      'e-letter': keeping('e-letter'),
    },
    publicUrl: 'https://crm.example.test',
    brandOf: (key) => {
      const brand = loadBrands().get(key);
      if (brand === undefined) throw new Error('no brand');
      return brand;
    },
    personOf: async (id) => (id === seeded.profileIds[0] ? { firstName: 'Camille' } : null),
  };
});
afterEach(async () => {
  await deps.senders.email.close();
  await relay.close();
  await fresh.close();
});

/** A creative of the campaign with these words. */
async function creativeOf(
  channel: Channel,
  words: { subject: string; html: string; text: string },
): Promise<number> {
  const links = [{ index: 0, url: 'https://example.test/voir', label: 'Voir' }];
  const [row] = await fresh.db.app<{ id: number }[]>`
    insert into creatives (campaign_id, step, persona, arm, channel, locale, hash, subject, preheader, html, text, links, meta, status)
    values (${seeded.campaignId}, 'first', ${channel}, 'a', ${channel}, 'fr', ${channel}, ${words.subject}, '', ${words.html},
      ${words.text}, ${fresh.db.app.json(links)}, '{"ctaLabel":"Voir"}', 'passed') returning id`;
  return row?.id ?? 0;
}
const EMAIL = {
  subject: '{{ person.firstName | default: "Pour vous" }}, nos lampes',
  html: '<p>Bonjour</p><a href="{{ links[0] }}">Voir</a> <a href="{{ unsubscribeUrl }}">Se désinscrire</a>{% if pixelUrl %}<img src="{{ pixelUrl }}">{% endif %}',
  text: 'Bonjour {{ links[0] }} {{ unsubscribeUrl }}',
};
const WORDS = {
  subject: 'Titre',
  html: '',
  text: 'Bonjour {{ person.firstName | default: "à vous" }} {{ links[0] }}',
};

const request = (proof: Partial<NewProof> & Pick<NewProof, 'creativeId'>) =>
  createProofsStore(fresh.db, PEPPER).request(
    seeded.campaignId,
    [{ channel: 'email', profileId: null, address: 'lea@maison-lumen.example', ...proof }],
    'alice',
  );

/** Runs the lane until nothing is due. */
async function runLane(): Promise<void> {
  const stop = new AbortController();
  const proofs = createProofsStore(fresh.db, PEPPER);
  const lane = runProofLane({
    proofs: {
      record: proofs.record,
      take: async (limit) => {
        const due = await proofs.take(limit);
        if (due.length === 0) stop.abort();
        return due;
      },
    },
    send: (proof) => sendProof(deps, proof),
    log: QUIET,
    signal: stop.signal,
    pollMs: 5,
  });
  await lane;
}
const standings = async () =>
  (await createProofsStore(fresh.db, PEPPER).list(seeded.campaignId, 100)).map(({ state, code }) => [
    state,
    code,
  ]);
const counted = async () => {
  const [row] = await fresh.db.app<{ n: number }[]>`
    select (select count(*) from deliveries) + (select count(*) from contacts) + (select count(*) from events) as n`;
  return row?.n;
};
const headerOf = (mail: Email, name: string) => mail.headers.find((h) => h.key === name)?.value;

test('a test and a proof go by the channel’s own sender, marked, and are in no count', async () => {
  const creativeId = await creativeOf('email', EMAIL);
  await request({ creativeId });
  const [proofId] = await request({ creativeId, profileId: seeded.profileIds[0] ?? 0 });
  await runLane();
  const mails = await Promise.all(relay.mails.map(({ raw }) => PostalMime.parse(raw)));
  expect(mails.map(({ subject }) => subject).sort()).toEqual([
    '[PROOF] Camille, nos lampes',
    '[TEST] Pour vous, nos lampes',
  ]);
  expect(relay.mails.map(({ to }) => to)).toEqual([
    ['lea@maison-lumen.example'],
    ['lea@maison-lumen.example'],
  ]);
  for (const mail of mails) {
    expect(mail.html).toContain('href="https://example.test/voir"');
    expect(mail.html).not.toMatch(/\/t\/[co]\//);
    expect(mail.html).toContain('https://crm.example.test/u/proof');
    expect(headerOf(mail, 'list-unsubscribe')).toBeUndefined();
    expect(headerOf(mail, 'feedback-id')).toBeUndefined();
    expect(headerOf(mail, 'x-boucle-delivery')).toBeUndefined();
  }
  expect(mails.map((mail) => headerOf(mail, 'x-boucle-proof'))).toContain(proofId);
  expect(await standings()).toEqual([
    ['sent', null],
    ['sent', null],
  ]);
  expect(await counted()).toBe(0);
  const [left] = await fresh.db.identity<{ n: number }[]>`select count(*) as n from identity.proof_addresses`;
  expect(left?.n).toBe(0);
});

test('every other channel is marked where it is read first, under a number no delivery has', async () => {
  const postal = 'Léa Roux\n18 rue des Ateliers\n69000 Lyon\nFR';
  for (const [channel, address] of [
    ['sms', '+33612345678'],
    ['push', 'device-token'],
    ['in-app', '7'],
    ['letter', postal],
    ['e-letter', 'lea@maison-lumen.example'],
  ] as const)
    await request({ creativeId: await creativeOf(channel, WORDS), channel, address });
  await runLane();
  const of = (channel: Channel) => handed.find((one) => one.channel === channel)?.message;
  expect(of('sms')).toMatchObject({
    to: '+33612345678',
    from: 'MaisonLumen',
    text: '[TEST] Bonjour à vous https://example.test/voir',
  });
  expect(of('push')).toMatchObject({
    tokens: ['device-token'],
    title: '[TEST] Titre',
    url: 'https://example.test/voir',
  });
  expect(of('in-app')).toMatchObject({
    profileId: 7,
    title: '[TEST] Titre',
    ctaLabel: 'Voir',
    transparent: true,
  });
  expect(of('letter')).toMatchObject({
    kind: 'plain',
    subject: '[TEST] Titre',
    to: {
      name: 'Léa Roux',
      line1: '18 rue des Ateliers',
      line2: null,
      postcode: '69000',
      city: 'Lyon',
      country: 'FR',
    },
  });
  expect(of('e-letter')).toMatchObject({ kind: 'ere', email: 'lea@maison-lumen.example', to: null });
  const numbers = handed.map(({ message }) => message.deliveryId);
  expect(new Set(numbers).size).toBe(5);
  expect(numbers.every((n) => Number.isSafeInteger(n) && n < 0)).toBe(true);
});

test('an address that must not be used again is not, and a person nobody knows fills nothing', async () => {
  const creativeId = await creativeOf('email', EMAIL);
  await fresh.db.app`
    insert into suppressions (fingerprint, reason) values (${fingerprint(PEPPER, 'email', 'lea@maison-lumen.example')}, 'hard-bounce')`;
  await request({ creativeId });
  await request({ creativeId, profileId: 999_999, address: 'max@maison-lumen.example' });
  await runLane();
  expect((await standings()).map(([, code]) => code).sort()).toEqual(['no-profile', 'suppressed']);
  expect(relay.mails).toEqual([]);
});

test('each goes once: lanes side by side share, and what a dead worker took stays uncertain', async () => {
  const creativeId = await creativeOf('sms', WORDS);
  const address = '+33612345678';
  for (let i = 0; i < 12; i += 1) await request({ creativeId, channel: 'sms', address });
  const [taken] = await createProofsStore(fresh.db, PEPPER).take(1);
  await Promise.all([runLane(), runLane(), runLane()]);
  expect(handed).toHaveLength(11);
  const states = await createProofsStore(fresh.db, PEPPER).list(seeded.campaignId, 100);
  expect(states.filter(({ state }) => state === 'sent')).toHaveLength(11);
  expect(states.find(({ id }) => id === taken?.id)).toMatchObject({
    state: 'uncertain',
    code: 'on-the-wire',
  });
});

test('what is refused for now waits and is tried again, five times at most', async () => {
  const creativeId = await creativeOf('sms', WORDS);
  await request({ creativeId, channel: 'sms', address: '+33612345678' });
  answer = { kind: 'retry', code: '429' };
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    await runLane();
    expect(handed).toHaveLength(attempt);
    expect(await standings()).toEqual([[attempt < 5 ? 'waiting' : 'failed', '429']]);
    await runLane();
    expect(handed).toHaveLength(attempt);
    await fresh.db.app`update proofs set not_before = now() - interval '1 second'`;
  }
});
