import * as fc from 'fast-check';
import { stillOf } from '../../../activities/delivery/send-claimed';
import { CHANNELS, LETTER_KINDS, NATURES } from '../../../domain/shared/words';
import { createDeliveryStore } from '../../../store/delivery-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { fromNow, HOUR_MS } from '../../support/gate';
import { seedCampaign } from '../../support/seed-campaign';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

const said = fc.constantFrom<'nothing' | 'yes' | 'yes-for-now' | 'ran-out' | 'no'>(
  'nothing',
  'yes',
  'yes',
  'yes-for-now',
  'ran-out',
  'no',
);
const person = fc.record({
  /** To the nature's purpose, one a channel. */
  consents: fc.array(said, { minLength: CHANNELS.length, maxLength: CHANNELS.length }),
  registered: said,
  dead: fc.option(
    fc.record({
      address: fc.constantFrom('email_fp', 'phone_fp', 'postal_fp'),
      scope: fc.constantFrom('global', 'brand:maison-lumen', 'brand:another'),
    }),
    { freq: 3 },
  ),
  pausedHours: fc.constantFrom(null, null, -1, 1, 48),
  refused: fc.constantFrom<readonly string[]>([], [], ['theatre'], ['jardin']),
  prefers: fc.constantFrom(null, ...CHANNELS),
  device: fc.boolean(),
});
type Person = typeof person extends fc.Arbitrary<infer P> ? P : never;

/** Refusals that the mark knows too; it is not asked whether somebody can be reached, or has been refused for a cap. */
const SHARED = ['no-consent', 'consent-expired', 'suppressed', 'topic-refused', 'paused'];

async function seedStates(people: readonly Person[], ids: readonly number[], purpose: string | null) {
  const { app } = database.db;
  await app`
    update profiles set phone_fp = sha256(convert_to('phone' || id, 'UTF8')), postal_fp = sha256(convert_to('street' || id, 'UTF8'))
    where id = any(${[...ids]}::bigint[])`;
  for (const [n, one] of people.entries()) {
    const id = ids[n] ?? 0;
    const states = one.consents.map((what, at) => ({ purpose, channel: CHANNELS[at] ?? 'email', what }));
    for (const { purpose: of, channel, what } of [
      ...states,
      { purpose: 'registered-e-letter', channel: 'e-letter' as const, what: one.registered },
    ]) {
      if (of === null || what === 'nothing') continue;
      const until = { 'yes-for-now': fromNow(HOUR_MS), 'ran-out': fromNow(-1_000), yes: null, no: null }[
        what
      ];
      await app`
        insert into consent_state (profile_id, purpose, channel, granted, expires_at, event_id, at)
        values (${id}, ${of}, ${channel}, ${what !== 'no'}, ${until}, 1, now())`;
    }
    if (one.dead !== null)
      await app`
        insert into suppressions (fingerprint, scope, reason)
        select ${app(one.dead.address)}, ${one.dead.scope}, 'complaint' from profiles where id = ${id}`;
    if (one.device)
      await app`
        insert into devices (token_fp, profile_id, platform) values (sha256(convert_to('device' || ${id}::text, 'UTF8')), ${id}, 'ios')`;
    await app`
      insert into preferences (profile_id, paused_until, preferred_channel, refused_topics, updated_by)
      values (${id}, now() + make_interval(hours => ${one.pausedHours}::int), ${one.prefers}, ${[...one.refused]}, 'test')`;
  }
}

it('whom the gate allows the mark before the wire allows, and whom it refuses the mark refuses: nobody goes round between the two', async () => {
  const { db } = database;
  let nth = 0;
  let allowed = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        people: fc.array(person, { minLength: 4, maxLength: 12 }),
        nature: fc.constantFrom(...NATURES),
        channels: fc.shuffledSubarray([...CHANNELS], { minLength: 1, maxLength: 3 }),
        letterKind: fc.constantFrom(...LETTER_KINDS),
        topic: fc.constantFrom(undefined, 'theatre'),
      }),
      async ({ people, nature, channels, letterKind, topic }) => {
        nth += 1;
        const campaign = await seedCampaign(db, {
          campaignId: `cmark${nth}`,
          people: people.length,
          nature,
          consent: false,
          scenario: { channels, letter: { kind: letterKind }, ...(topic === undefined ? {} : { topic }) },
        });
        const key = { campaignId: campaign.campaignId, step: campaign.step, wave: 'w1' };
        const store = createDeliveryStore(db);
        await store.planWave({
          ...key,
          part: campaign.part,
          arm: null,
          buckets: { from: 0, to: 10_000 },
          shardSize: 1_000,
        });
        const terms = await store.waveTerms(key);
        await seedStates(people, campaign.profileIds, terms.rule.consent?.purpose ?? null);
        const session = await store.openSession({ ...key, shard: 0 });
        if (session === null) throw new Error('the shard is taken');
        try {
          const { claimed } = await store.claim(session, {
            terms,
            deadlineAt: fromNow(24 * HOUR_MS),
            source: 'new',
            range: { from: 0, to: 1_000_000_000 },
            cursor: 0,
            limit: 1_000,
            creatives: campaign.creatives,
          });
          const asked = channels.flatMap((channel) => stillOf(terms, channel).consents.map((c) => c.purpose));
          const rows = await db.app<{ id: number; channel: (typeof CHANNELS)[number]; noSaid: boolean }[]>`
            select d.id, d.channel, d.reason <> 'no-consent' or exists (
              select from consent_state s where s.profile_id = d.profile_id and s.channel = d.channel and not s.granted
                and s.purpose = any(${asked}::text[])) as "noSaid"
            from deliveries d where d.campaign_id = ${key.campaignId} and d.reason = any(${SHARED})`;
          await db.app`update deliveries set state = 'claimed' where id = any(${rows.map((row) => row.id)}::bigint[])`;
          for (const channel of channels) {
            const still = stillOf(terms, channel);
            const yes = claimed.flatMap((row) => (row.channel === channel ? row.id : []));
            expect((await store.turn(session, [], yes, channels, still)).sort()).toEqual(yes.sort());
            expect((await store.cleared(session, key.campaignId, yes, still)).toSorted()).toEqual(yes);
            // A yes that was never given cannot have been taken back since the gate saw it.
            const no = rows.flatMap((row) => (row.channel === channel && row.noSaid ? row.id : []));
            expect(await store.turn(session, [], no, channels, still)).toEqual([]);
            allowed += yes.length;
            refused += no.length;
          }
        } finally {
          await session.close();
        }
      },
    ),
    { numRuns: 20, endOnFailure: true },
  );
  // The people are such that both happen.
  expect(allowed).toBeGreaterThan(5);
  expect(refused).toBeGreaterThan(5);
}, 60_000);
