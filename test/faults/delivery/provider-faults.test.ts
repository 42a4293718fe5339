import { createSmtpSender } from '../../../adapters/smtp/smtp-sender';
import { addsUp, isComplete } from '../../../domain/delivery/arithmetic';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { deliveryBench } from '../../support/delivery-bench';
import { seedCampaign, type SeededCampaign } from '../../support/seed-campaign';
import { HANG_UP, smtpStandIn, type Reply, type SmtpStandIn } from '../../support/smtp-stand-in';
import { contactsOutOfStep, planTestWave } from '../../support/wave';

/** Long enough for a slow machine to answer what it means to answer. */
const ANSWER_TIMEOUT_MS = 3_000;
const NO_BREAKER = {
  email: 1_000,
  sms: 1_000,
  push: 1_000,
  'in-app': 1_000,
  letter: 1_000,
  'e-letter': 1_000,
};

/** What the relay does for addresses of a domain. Everybody else's mail is taken. */
const KINDS = ['busy', 'greylisted', 'refused', 'silent', 'cut', 'late', 'rejected-body'] as const;
type Kind = (typeof KINDS)[number];
const PER_KIND = 4;
const FINE = 40;

let database: FreshDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.close());

/** Gives people the addresses that the relay misbehaves for; one bad one stands among the good of its own domain. */
async function addressed(campaign: SeededCampaign): Promise<void> {
  const emails = campaign.profileIds.map((id, n) => {
    const kind = KINDS[Math.floor((n - FINE) / PER_KIND)];
    return n < FINE || kind === undefined ? `p${id}@fine.test` : `p${id}@${kind}.test`;
  });
  emails[3] = `unknown-${campaign.profileIds[3]}@fine.test`;
  await database.db.identity`
    update identity.people p set email = x.email
    from unnest(${[...campaign.profileIds]}::bigint[], ${emails}::text[]) as x (id, email) where p.profile_id = x.id`;
}

test('421, 451, 550, silence, a cut in mid-body, a late answer: each is what it means, and touches nobody else', async () => {
  let mended = false;
  const at = (line: string, kind: Kind): boolean => !mended && line.includes(`@${kind}.test`);
  const relay: SmtpStandIn = await smtpStandIn({
    rcpt: (_nth, line): Reply => {
      if (line.includes('unknown-') || line.includes('@refused.test')) return '550 5.1.1 no such user';
      if (at(line, 'busy')) return '421 4.3.2 shutting down';
      return at(line, 'greylisted') ? '451 4.7.1 greylisted' : '250 ok';
    },
    midBody: (_nth, line) => (at(line, 'cut') ? HANG_UP : null),
    body: (nth, line): Reply => {
      if (at(line, 'silent')) return null;
      if (at(line, 'late'))
        return { afterMs: ANSWER_TIMEOUT_MS + 1_000, say: '250 2.0.0 Ok: queued as LATE' };
      return at(line, 'rejected-body') ? '554 5.7.1 spam' : `250 2.0.0 Ok: queued as Q${nth}`;
    },
  });
  const campaign = await seedCampaign(database.db, { people: FINE + KINDS.length * PER_KIND });
  await addressed(campaign);
  const sender = createSmtpSender({ url: relay.url, connections: 8, answerTimeoutMs: ANSWER_TIMEOUT_MS });
  const { activities } = deliveryBench(database.db, campaign, sender, { breakerFaults: NO_BREAKER });
  try {
    const wave = await planTestWave(activities, campaign);
    expect(await wave.run()).toEqual(['done']);
    const states = async (): Promise<Record<string, string[]>> => {
      const rows = await database.db.identity<{ domain: string; state: string; code: string | null }[]>`
        select distinct split_part(p.email, '@', 2) as domain, d.state, d.code
        from deliveries d join identity.people p using (profile_id) order by 1, 2, 3`;
      const found: Record<string, string[]> = {};
      for (const { domain, state, code } of rows)
        (found[domain] ??= []).push(code === null ? state : `${state} ${code}`);
      return found;
    };
    const first = await states();
    expect(first).toMatchObject({
      'fine.test': ['accepted', 'failed 550 5.1.1'],
      'refused.test': ['failed 550 5.1.1'],
      'silent.test': ['uncertain no-answer'],
      'cut.test': ['uncertain connection-lost'],
      'late.test': ['uncertain no-answer'],
      'rejected-body.test': ['failed 554 5.7.1'],
    });
    // Who was refused for now waits, and so may those of the same domain who were not tried.
    for (const domain of ['busy.test', 'greylisted.test'])
      expect(new Set(first[domain]?.map((state) => state.split(' ')[0]))).toEqual(new Set(['planned']));
    const during = await activities.waveCounts(wave.ref);
    expect(during).toMatchObject({ accepted: FINE - 1, failed: 1 + 2 * PER_KIND, uncertain: 3 * PER_KIND });
    expect(addsUp(during)).toBe(true);
    expect(await contactsOutOfStep(database.db, campaign.campaignId)).toBe(0);

    // An hour later the relay is well: those who were put off get it, and nobody else does again.
    mended = true;
    const bodies = relay.seen.filter((line) => line === '<body>').length;
    await database.db.app`update deliveries set not_before = now() where state = 'planned'`;
    await database.db.app`update domain_backoffs set until = now()`;
    for (let rounds = 0; rounds < 5 && (await activities.waveCounts(wave.ref)).open > 0; rounds += 1) {
      await wave.run();
      await database.db.app`update deliveries set not_before = now() where state = 'planned'`;
    }
    const after = await activities.waveCounts(wave.ref);
    expect(isComplete(after)).toBe(true);
    expect(after).toMatchObject({ accepted: FINE - 1 + 2 * PER_KIND, uncertain: 3 * PER_KIND });
    expect(relay.seen.filter((line) => line === '<body>').length - bodies).toBe(2 * PER_KIND);
    expect(await contactsOutOfStep(database.db, campaign.campaignId)).toBe(0);
  } finally {
    await sender.close();
    await relay.close();
  }
}, 60_000);
