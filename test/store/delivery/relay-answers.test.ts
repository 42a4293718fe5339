import { createSmtpSender } from '../../../adapters/smtp/smtp-sender';
import { addsUp } from '../../../domain/delivery/arithmetic';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { deliveryBench } from '../../support/delivery-bench';
import { seedCampaign } from '../../support/seed-campaign';
import { HANG_UP, smtpStandIn, type Reply } from '../../support/smtp-stand-in';
import { contactsOutOfStep, planTestWave } from '../../support/wave';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

/** What a relay does with one recipient, by their local part, and what becomes of their delivery. */
const BEHAVIOURS: Readonly<
  Record<
    string,
    { rcpt?: Reply; midBody?: Reply; body?: Reply; becomes: { state: string; code: string | null } }
  >
> = {
  busy421: { body: '421 4.3.2 closing', becomes: { state: 'planned', code: '421 4.3.2' } },
  grey451: { rcpt: '451 4.7.1 greylisted', becomes: { state: 'planned', code: '451 4.7.1' } },
  full452: { rcpt: '452 4.2.2 full', becomes: { state: 'planned', code: '452 4.2.2' } },
  gone550: { rcpt: '550 5.1.1 nobody', becomes: { state: 'failed', code: '550 5.1.1' } },
  spam550: { body: '550 5.7.1 no', becomes: { state: 'failed', code: '550 5.7.1' } },
  hangs: { body: null, becomes: { state: 'uncertain', code: 'no-answer' } },
  late: { body: { afterMs: 1_500, say: '250 ok' }, becomes: { state: 'uncertain', code: 'no-answer' } },
  closes: { midBody: HANG_UP, becomes: { state: 'uncertain', code: 'connection-lost' } },
};
const NEIGHBOURS = 24;

it('a relay that refuses, hangs, hangs up in the middle or answers late: each means what it means, and to nobody else', async () => {
  const names = Object.keys(BEHAVIOURS);
  const campaign = await seedCampaign(database.db, { people: names.length + NEIGHBOURS });
  const { app, identity } = database.db;
  // Each misbehaves on a domain of their own, in the midst of people who are well.
  const at = (nth: number): number => campaign.profileIds[2 + nth * 3] ?? 0;
  for (const [nth, name] of names.entries())
    await identity`update identity.people set email = ${`${name}@${name}.example.test`} where profile_id = ${at(nth)}`;

  const of = (line: string) => BEHAVIOURS[/<(\w+)@/.exec(line)?.[1] ?? ''];
  const relay = await smtpStandIn({
    rcpt: (_, line) => of(line)?.rcpt ?? '250 ok',
    midBody: (_, line) => of(line)?.midBody ?? null,
    body: (nth, line) => {
      const behaviour = of(line);
      return behaviour?.body === undefined ? `250 2.0.0 queued as Q${nth}` : behaviour.body;
    },
  });
  const sender = createSmtpSender({ url: `${relay.url}?tls=off`, connections: 4, answerTimeoutMs: 600 });
  const { activities } = deliveryBench(database.db, campaign, sender);
  const wave = await planTestWave(activities, campaign);
  await wave.run();
  await sender.close();
  await relay.close();

  const rows = await app<{ profile_id: number; state: string; code: string | null }[]>`
    select profile_id, state, code from deliveries`;
  const byProfile = new Map(rows.map(({ profile_id, ...rest }) => [profile_id, rest]));
  for (const [nth, name] of names.entries())
    expect([name, byProfile.get(at(nth))]).toEqual([name, BEHAVIOURS[name]?.becomes]);
  const counts = await activities.waveCounts(wave.ref);
  expect(counts).toMatchObject({ accepted: NEIGHBOURS, failed: 2, uncertain: 3, open: 3 });
  expect(addsUp(counts)).toBe(true);
  expect(await contactsOutOfStep(database.db, campaign.campaignId)).toBe(0);
  const [dead] = await app`select count(*) as n from suppressions`;
  expect(dead).toEqual({ n: 1 });
  const backedOff = await app`select domain from domain_backoffs order by domain`;
  expect(backedOff.map((row) => row['domain'])).toEqual(['busy421.example.test', 'grey451.example.test']);
}, 30_000);
