import { createInAppStore } from '../../../store/in-app-store';
import { createMessagesStore } from '../../../store/messages-store';
import { sweepPersonal } from '../../../store/personal-sweep';
import { createProofsStore } from '../../../store/proofs-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { seedCampaign, type SeededCampaign } from '../../support/seed-campaign';

let fresh: FreshDatabase;
let seeded: SeededCampaign;
beforeEach(async () => {
  fresh = await freshDatabase();
  seeded = await seedCampaign(fresh.db, {
    people: 1,
    nature: 'service',
    scenario: { kind: 'triggered', triggered: { periodSeconds: 86_400 } },
  });
});
afterEach(() => fresh.close());

const sweep = () => sweepPersonal(fresh.db.identity, 2);
const me = (): number => seeded.profileIds[0] ?? 0;

test('values of messages that have ended go, batch after batch; those still to be sent stay', async () => {
  const { app, identity } = fresh.db;
  await app`update campaigns set approved_hash = 'h', stage = 'rollout'`;
  await app`insert into campaign_stages (campaign_id, stage) values (${seeded.campaignId}, 'rollout')`;
  const messages = createMessagesStore(fresh.db);
  const ids: string[] = [];
  for (let n = 0; n < 6; n += 1)
    ids.push(
      (await messages.create({ campaignId: seeded.campaignId, profileId: me(), values: {}, by: 'test' }))
        .messageId,
    );
  const [waiting = '', ...ended] = ids;
  await app`update messages set settled_at = now() where id = any(${ended.slice(0, 4)}::text[])`;
  await app`delete from messages where id = ${ended[4] ?? ''}`;
  expect(await sweep()).toMatchObject({ messageValues: 5, inAppMessages: 0, proofAddresses: 0 });
  expect([...(await identity`select message_id from identity.message_values`)]).toEqual([
    { message_id: waiting },
  ]);
});

test('messages in the application go once they have expired, or ninety days after they were published', async () => {
  const { identity } = fresh.db;
  const store = createInAppStore(fresh.db);
  const publish = (deliveryId: number, expiresAt: Date | null) =>
    store.publish({
      deliveryId,
      profileId: me(),
      campaignId: seeded.campaignId,
      brand: 'maison-lumen',
      placement: 'accueil',
      contexts: [],
      title: 't',
      body: 'b',
      ctaLabel: 'l',
      ctaUrl: 'https://example.test',
      locale: 'fr',
      transparent: true,
      expiresAt,
    });
  const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000);
  const [OPEN, EXPIRED, OLD, NOT_YET_OLD, JUST_DISMISSED, DISMISSED] = [1, 2, 3, 4, 5, 6];
  for (const id of [OPEN, OLD, NOT_YET_OLD]) await publish(id, id === OPEN ? ago(-60) : null);
  for (const id of [EXPIRED, JUST_DISMISSED, DISMISSED]) await publish(id, ago(60));
  await identity`update identity.in_app_messages set published_at = now() - interval '91 days' where delivery_id = ${OLD}`;
  await identity`update identity.in_app_messages set published_at = now() - interval '89 days' where delivery_id = ${NOT_YET_OLD}`;
  await identity`update identity.in_app_messages set dismissed_at = now() - interval '23 hours' where delivery_id = ${JUST_DISMISSED}`;
  await identity`update identity.in_app_messages set dismissed_at = now() - interval '25 hours' where delivery_id = ${DISMISSED}`;
  expect(await sweep()).toMatchObject({ messageValues: 0, inAppMessages: 3, proofAddresses: 0 });
  const left = await identity`select delivery_id as id from identity.in_app_messages order by id`;
  expect(left.map(({ id }) => id)).toEqual([OPEN, NOT_YET_OLD, JUST_DISMISSED]);
});

test('the address of a proof goes once the proof has ended, also where nobody knows how', async () => {
  const { app, identity } = fresh.db;
  const proofs = createProofsStore(fresh.db, 'a-pepper-for-tests-only');
  const [creative] = seeded.creatives;
  const ask = async (): Promise<string> => {
    const [id] = await proofs.request(
      seeded.campaignId,
      [
        {
          creativeId: creative?.creativeId ?? 0,
          channel: 'email',
          profileId: null,
          address: 'lea@lumen.example',
        },
      ],
      'alice',
    );
    return id ?? '';
  };
  const left = async () =>
    (await identity`select proof_id as id from identity.proof_addresses`).map(({ id }) => id);

  const uncertain = await ask();
  await proofs.take(1);
  await proofs.record({ id: uncertain, attempts: 1 }, { kind: 'uncertain', code: 'timeout' });
  expect(await left()).toEqual([]);

  // Waited for long, and on the wire this very moment: it may be refused for now, and tried again.
  const onTheWire = await ask();
  await app`update proofs set not_before = now() - interval '1 day' where id = ${onTheWire}`;
  await proofs.take(1);
  const waiting = await ask();
  expect(await sweep()).toMatchObject({ proofAddresses: 0 });
  expect((await left()).toSorted()).toEqual([onTheWire, waiting].toSorted());

  await app`update proofs set not_before = now() - interval '61 minutes' where id = ${onTheWire}`;
  expect(await sweep()).toMatchObject({ proofAddresses: 1 });
  expect(await left()).toEqual([waiting]);
});

test('what a merge could be undone by goes a year after it, and what is kept of no merge', async () => {
  const { app, identity } = fresh.db;
  await app`
    insert into profile_merges (kept, merged, reason, source, won, merged_by, merged_at)
    select 1, n, 'email', 'test', '{}', 'test', now() - n * interval '300 days' from generate_series(1, 2) n`;
  await identity`
    insert into identity.merge_snapshots (merge_id, before, after)
    select id, '{}'::jsonb, '{}'::jsonb from profile_merges union all select 99, '{}', '{}'`;
  expect(await sweep()).toMatchObject({ mergeSnapshots: 2 });
  expect(await identity`select merge_id from identity.merge_snapshots`).toEqual([{ merge_id: 1 }]);
});
