import { randomFrom } from '../../../bench/random';
import type { OutcomeCell } from '../../../domain/experiments/outcomes';
import { createExperimentsStore } from '../../../store/experiments-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { seedCampaign } from '../../support/seed-campaign';
import { recordWave } from './test-wave';

const WINDOW_SECONDS = 60;
const START = Date.parse('2026-11-01T10:00:00.000Z');
const ARMS = ['none', 'a', 'b'];
const PERSONAS = ['vip', 'others'];
const STATES = ['accepted', 'accepted', 'failed', 'uncertain', 'claimed', 'sending', 'skipped', 'planned'];

interface Judged {
  readonly profileId: number;
  readonly arm: string;
  readonly persona: string;
  readonly wave: string;
  readonly state: string;
  readonly gatedAt: number;
}

interface Visit {
  readonly profileId: number;
  readonly at: number;
}

let fresh: FreshDatabase;
beforeEach(async () => {
  fresh = await freshDatabase(3);
});
afterEach(async () => {
  await fresh.close();
});

/** One person after the other, as it would be said aloud. */
function counted(
  judged: readonly Judged[],
  visits: readonly Visit[],
  stands: ReadonlyMap<number, number>,
  windowSeconds = WINDOW_SECONDS,
): OutcomeCell[] {
  const person = (profileId: number): number => {
    const into = stands.get(profileId);
    return into === undefined ? profileId : person(into);
  };
  const allowed = judged.filter(
    ({ wave, state }) => wave !== 'pilot' && state !== 'skipped' && state !== 'planned',
  );
  const cells = new Map<string, OutcomeCell>();
  for (const whom of new Set(allowed.map(({ profileId }) => person(profileId)))) {
    const [first] = allowed
      .filter(({ profileId }) => person(profileId) === whom)
      .sort((x, y) => x.gatedAt - y.gatedAt || x.profileId - y.profileId);
    if (first === undefined) continue;
    const { arm, persona, gatedAt } = first;
    const came = visits.some(
      (visit) =>
        person(visit.profileId) === whom && visit.at >= gatedAt && visit.at < gatedAt + windowSeconds * 1_000,
    );
    const cell = cells.get(`${arm} ${persona}`) ?? { arm, persona, n: 0, events: 0 };
    cells.set(`${arm} ${persona}`, { ...cell, n: cell.n + 1, events: cell.events + (came ? 1 : 0) });
  }
  return [...cells.values()].sort((x, y) => (`${x.arm} ${x.persona}` < `${y.arm} ${y.persona}` ? -1 : 1));
}

describe('what a test is judged by', () => {
  test.each([1, 2, 3])('is what a plain count says, merged people once: world %i', async (seed) => {
    const { db } = fresh;
    const { uniform } = randomFrom(seed);
    const below = (n: number): number => Math.floor(uniform() * n);
    const one = <T>(list: readonly T[]): T => list[below(list.length)]!;
    const { campaignId, profileIds } = await seedCampaign(db, {
      people: 400,
      arms: [{ key: 'none', control: true }, { key: 'a' }, { key: 'b' }],
    });
    for (const [wave, part] of [
      ['test-1', 'test'],
      ['test-2', 'test'],
      ['pilot', 'pilot'],
    ] as const)
      await recordWave(db, { campaignId, wave, part }, [], new Date(START).toISOString());

    // A tenth are met by no gate. Judgements lie within three windows of each other; many at the same moment.
    const judged = profileIds
      .filter(() => below(10) > 0)
      .map((profileId): Judged => {
        const arm = one(ARMS);
        return {
          profileId,
          arm,
          persona: one(PERSONAS),
          wave: one(['test-1', 'test-1', 'test-2', 'pilot']),
          state: arm === 'none' ? one(['claimed', 'claimed', 'skipped']) : one(STATES),
          gatedAt: START + 10_000 * below(18),
        };
      });
    await record(campaignId, judged);

    // At both ends of a window and a moment to either side of them, and anywhere: four each at the most.
    const gatedAt = new Map(judged.map((of) => [of.profileId, of.gatedAt]));
    const visits = profileIds.flatMap((profileId) =>
      Array.from({ length: below(5) }, (): Visit => {
        const from = gatedAt.get(profileId) ?? START;
        const length = WINDOW_SECONDS * 1_000;
        const edge = one([-1, 0, 1, length - 1, length, length + 1]);
        return { profileId, at: below(2) === 0 ? from + edge : START - 120_000 + below(420_000) };
      }),
    );
    await db.app`
      insert into events (id, profile_id, type, at)
      select 'v' || n, profile_id, 'visit', to_timestamp(at / 1000.0)
      from unnest(${visits.map((v) => v.profileId)}::bigint[], ${visits.map((v) => v.at)}::float8[]) with ordinality as v (profile_id, at, n)`;
    await db.app`
      insert into events (id, profile_id, type, at)
      select 'p' || id, id, 'purchase', ${new Date(START + 30_000)} from profiles`;

    // Chains and several into one: each into a later one. What was done goes with them, what was sent does not.
    const stands = new Map<number, number>();
    for (const [i, profileId] of profileIds.slice(0, -1).entries())
      if (below(4) === 0) stands.set(profileId, profileIds[i + 1 + below(Math.min(5, 399 - i))]!);
    for (const [from, into] of stands)
      await db.app`update profiles set merged_into = ${into} where id = ${from}`;
    await db.app`
      update events set profile_id = standing(profile_id), original_id = profile_id
      where standing(profile_id) <> profile_id`;

    const shares = [0.25, 0.5];
    const store = createExperimentsStore(db.app);
    const test = { campaignId, metric: 'visit', windowSeconds: WINDOW_SECONDS };
    const counts = await store.testCounts(test, shares);
    expect(counts.cells).toEqual(counted(judged, visits, stands));
    expect((await store.testCounts(test)).cells).toEqual(counts.cells);
    expect(counts.windows).toEqual(
      shares.map((share) => ({ share, cells: counted(judged, visits, stands, share * WINDOW_SECONDS) })),
    );
    const accepted = (arm: string): number =>
      judged.filter((of) => of.arm === arm && of.state === 'accepted' && of.wave !== 'pilot').length;
    expect(counts.sends).toEqual(
      ['a', 'b'].map((arm) => ({ arm, accepted: accepted(arm), unsubscribed: 0, complained: 0 })),
    );
  });

  const record = async (campaignId: string, judged: readonly Judged[]): Promise<void> => {
    const rows = JSON.stringify(judged.map((of) => ({ ...of, at: new Date(of.gatedAt).toISOString() })));
    const columns = fresh.db.app`
      json_to_recordset(${rows}::text::json) as x ("profileId" bigint, arm text, persona text, wave text, state text, at timestamptz)`;
    await fresh.db.app`
      insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state, gated_at)
      select ${campaignId}, 'first', "profileId", wave, arm, persona, 'email', state, at from ${columns} where arm <> 'none'`;
    await fresh.db.app`
      insert into control_gate (campaign_id, step, profile_id, wave, arm, persona, allowed, gated_at)
      select ${campaignId}, 'first', "profileId", wave, arm, persona, state <> 'skipped', at from ${columns} where arm = 'none'`;
  };
});
