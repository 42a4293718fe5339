import { createExperimentsActivities } from '../../../activities/experiments';
import { atPeriod } from '../../../domain/campaigns/challenge';
import { scenarioSchema } from '../../../domain/campaigns/scenario';
import { assignmentHash } from '../../../store/assignment';
import { createAudienceStore } from '../../../store/audience-store';
import { createExperimentsStore } from '../../../store/experiments-store';
import { createIntakeStore } from '../../../store/intake-store';
import { apiUnderTest } from '../../support/api';
import { freshDatabase } from '../../support/database';
import { insertPeople, putCampaign, putSegments, scenario } from '../../support/people';
import { prepareScenario } from '../../support/scenario';

const arms = [
  { key: 'champion', label: 'Champion', weight: 1, baseline: true },
  { key: 'new', label: 'New', weight: 1 },
];
const continuous = { periodSeconds: 86_400, existing: 'enter' } as const;

test('who enters a challenged period is dealt by hash, counted from there, and each arm is watched by itself', async () => {
  const database = await freshDatabase(4);
  const sql = database.db.app;
  await putSegments(sql);
  await insertPeople(sql, 3_000);
  const { pilot: _p, experiment: _e, ...base } = scenario({ nature: 'service', arms });
  const definition = scenarioSchema.parse({
    ...base,
    audience: { segment: 'buyers', personas: ['gold'], fallbackPersona: 'young' },
    kind: 'continuous',
    continuous,
    challenge: { share: 0.2, minPerArm: 50 },
  });
  const id = 'cchallenge01';
  await putCampaign(sql, id, atPeriod(definition, 1));
  await createAudienceStore(database.db).freeze(id);
  await sql`
    insert into waves (campaign_id, step, wave, part, planned) values (${id}, 'first', 'entries', 'rollout', 0)`;
  const { entered } = await createIntakeStore(sql).enterPeople(id);
  expect(entered).toBeGreaterThan(1_000);
  const members = await sql<{ id: number; part: string; arm: string | null }[]>`
    select profile_id as id, part, arm from audience_members where campaign_id = ${id}`;
  for (const { id: person, part, arm } of members)
    expect([part, arm]).toEqual(['rollout', assignmentHash('seed.arm', person) < 0.8 ? 'champion' : 'new']);

  // Sent, and the new arm drives people away: one in five unsubscribes.
  const at = new Date(Date.now() - 60_000);
  await sql`update campaigns set created_at = now() - interval '1 hour'`;
  await sql`
    insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state, gated_at, settled_at)
    select ${id}, 'first', profile_id, 'entries', arm, persona, 'email', 'accepted', ${at}, ${at} from audience_members where campaign_id = ${id}`;
  await sql`update entry_messages set settled_at = ${at} where campaign_id = ${id}`;
  await sql`
    insert into events (id, profile_id, type, at, campaign_id, delivery_id)
    select 'u' || id, profile_id, 'message.unsubscribed', now(), campaign_id, id from deliveries
    where campaign_id = ${id} and arm = 'new' and mod(profile_id, 5) = 0`;
  const store = createExperimentsStore(sql);
  const { evaluate, judgeRecent } = createExperimentsActivities({ store, revision: 'test' });
  const recent = await judgeRecent({ campaignId: id });
  expect(recent.ok).toBe(false);
  expect(recent.words).toMatch(/^new: Guardrail crossed: unsubscribe/);
  const decision = await evaluate({ campaignId: id, look: 1 });
  expect(decision).toMatchObject({ action: 'stop', arm: null });
  const kept = await store.evaluation(id);
  expect(kept?.inputs.arms).toMatchObject([
    {
      key: 'champion',
      baseline: true,
      weight: 0.8,
      n: members.filter(({ arm }) => arm === 'champion').length,
    },
    { key: 'new', weight: 0.2, n: members.filter(({ arm }) => arm === 'new').length },
  ]);
  expect(kept?.inputs.arms.map((one) => one.assigned)).toEqual(kept?.inputs.arms.map((one) => one.n));
  expect(kept?.result.health.verdict).toBe('ok');
  await database.close();
});

test('campaigns of a scenario are counted one at a time: of three that start at once the third alone is challenged', async () => {
  const api = await apiUnderTest();
  const key = await prepareScenario(api, {
    kind: 'continuous',
    continuous,
    arms,
    challenge: { share: 0.1, everyPeriods: 3 },
  });
  const started = await Promise.all(
    [1, 2, 3].map(() => api.call('POST', '/v1/campaigns', { body: { scenario: key } })),
  );
  expect(started.map(({ statusCode }) => statusCode)).toEqual([202, 202, 202]);
  const rows = await api.database.db.app<{ arms: number; tested: boolean }[]>`
    select jsonb_array_length(scenario -> 'arms') as arms, scenario ? 'experiment' as tested from campaigns order by 1, created_at`;
  expect(rows.map((row) => ({ ...row }))).toEqual([
    { arms: 1, tested: false },
    { arms: 1, tested: false },
    { arms: 2, tested: true },
  ]);
  await api.close();
});
