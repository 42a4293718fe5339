import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createExperimentsActivities } from '../../../activities/experiments';
import { createImprovementActivities } from '../../../activities/improvement';
import { createGitFolder } from '../../../adapters/knowledge/git-folder';
import { addsUp } from '../../../domain/delivery/arithmetic';
import type { KnowledgeBase, KnowledgeFiles } from '../../../domain/improvement/ports';
import { createExperimentsStore } from '../../../store/experiments-store';
import { createImprovementStore } from '../../../store/improvement-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { seedCampaign } from '../../support/seed-campaign';
import { recordControl, recordEvent, recordWave } from '../experiments/test-wave';

const GATED = '2026-11-01T10:00:00.000Z';
const campaignId = 'cseedaaaaaaa';

let fresh: FreshDatabase;
const folder = mkdtempSync(join(tmpdir(), 'knowledge-'));
beforeEach(async () => {
  fresh = await freshDatabase(3);
});
afterEach(async () => {
  await fresh.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Publisher = Pick<KnowledgeBase, 'publish'>;
const quiet = { warn: () => {} };
const nowhere: Publisher = { publish: () => Promise.resolve({ commit: null, notCommitted: null }) };

/** A finished test of 100 against 100 with 40 and 10 visits, and all that a campaign leaves behind. */
async function finishedCampaign(): Promise<void> {
  const { db } = fresh;
  const { profileIds, creatives } = await seedCampaign(db, {
    campaignId,
    people: 200,
    arms: [{ key: 'none', control: true }, { key: 'a' }],
    scenario: { experiment: { testShare: 1, minPerArm: 50 }, pilot: { area: '75', observeSeconds: 1 } },
  });
  const treated = profileIds.filter((_, i) => i % 2 === 1);
  const control = profileIds.filter((_, i) => i % 2 === 0);
  await db.app`
    insert into persona_matrix_versions (version, csv, sha256, created_by, state) values (1, 'segment_id\nhabitues\nvip\n', 'x', 'alice', 'approved')`;
  for (const [ordinal, segment] of ['habitues', 'vip'].entries()) {
    await db.app`
      insert into persona_matrix_rows (version, ordinal, segment_id, value_tier, behavior_cluster, state, key_message, visual_guideline, offer_code)
      values (1, ${ordinal}, ${segment}, 'gold', 'regular', 'active', 'm', 'v', 'o')`;
  }
  await db.app`
    insert into audiences (campaign_id, matched, excluded, holdout, members, arms, parts, personas, definition_sha256)
    values (${campaignId}, 260, ${db.app.json({ 'consent-expired': 50 })}, 10, 200, ${db.app.json({ none: 100, a: 100 })},
      ${db.app.json({ pilot: 0, test: 200, rollout: 0 })}, ${db.app.json({ habitues: 200 })}, 'x')`;
  await db.app`
    insert into campaign_stages (campaign_id, stage, ended_at, outcome) values
      (${campaignId}, 'define', now(), 'done'), (${campaignId}, 'learn', null, null)`;
  await db.app`
    insert into findings (creative_id, "check", severity, message) values (${creatives[0]!.creativeId}, 'contrast', 'warning', 'low')`;
  await db.app`
    insert into approvals (id, campaign_id, subject_hash, deadline_at, state) values ('a1', ${campaignId}, 'h', now(), 'approved')`;
  await db.app`
    insert into decisions (id, approval_id, decision, by, via, subject_hash, outcome)
    values ('d1', 'a1', 'approve', 'bob', 'slack', 'h', 'counted')`;
  await db.app`insert into incidents (id, campaign_id, kind, message) values ('i1', ${campaignId}, 'odd', 'm')`;
  await recordWave(
    db,
    { campaignId, wave: 'test', part: 'test', withheld: 100 },
    treated.map((profileId, i) => ({
      profileId,
      arm: 'a',
      ...(i < 95 ? { state: 'accepted' } : { state: 'failed', code: '550' }),
    })),
    GATED,
  );
  await recordControl(
    db,
    { campaignId, wave: 'test' },
    control.map((profileId) => ({ profileId, arm: 'none', allowed: true })),
    GATED,
  );
  for (const profileId of [...treated.slice(0, 40), ...control.slice(0, 10)]) {
    await recordEvent(db, { profileId, type: 'visit', at: '2026-11-01T10:00:05.000Z' });
  }
  await createExperimentsActivities({ store: createExperimentsStore(db.app), revision: 'test' }).evaluate({
    campaignId,
    look: 1,
  });
}

describe('learning from a campaign', () => {
  test('writes report, entry and items once, and the folder from them', async () => {
    await finishedCampaign();
    const store = createImprovementStore(fresh.db.app);
    const { learn } = createImprovementActivities({ store, knowledge: createGitFolder(folder), log: quiet });
    const ended = { campaignId, end: 'completed', reason: 'a wins.' } as const;
    const { backlogItems } = await learn(ended);
    expect(backlogItems).toBeGreaterThan(2);

    const read = (name: string) => readFileSync(join(folder, name), 'utf8');
    expect(read('improvement-backlog.md')).toContain('Try a with vip');
    expect(read('improvement-backlog.md')).toContain('Ask again those whose consent has expired');
    expect(read('crm-test-log.md')).toContain(
      '**Result.** Ended completed. a wins: visit 40.00% against 10.00% in none',
    );
    expect(read('persona_matrix.csv')).toBe('segment_id\nhabitues\nvip\n');

    const [stored] = await fresh.db.app<
      { data: { end: string }; markdown: string }[]
    >`select data, markdown from reports`;
    expect(stored).toMatchObject({ data: { end: 'completed', campaignId } });
    expect(stored?.markdown).toContain('**End: completed.** a wins.');

    // A retry, or a lost history: nothing is written twice and the first words stay.
    expect(await learn({ campaignId, end: 'failed', reason: 'again' })).toEqual({ backlogItems });
    expect(await store.testLog()).toHaveLength(1);
    expect((await store.report(campaignId))?.markdown).toBe(stored?.markdown);
    expect((await store.backlog()).map((item) => item.campaignId)).toEqual(
      Array(backlogItems).fill(campaignId),
    );
  });

  test('the report is the state of this moment, and its numbers add up', async () => {
    await finishedCampaign();
    const store = createImprovementStore(fresh.db.app);
    await createImprovementActivities({ store, knowledge: nowhere, log: quiet }).learn({
      campaignId,
      end: 'completed',
      reason: 'r',
    });
    await fresh.db
      .app`update campaigns set "end" = 'completed', end_reason = 'r', ended_at = now() where id = ${campaignId}`;
    const report = await store.report(campaignId);
    expect(report?.data).toMatchObject({
      campaignId,
      workflowId: `campaign.${campaignId}`,
      end: 'completed',
      audience: { matched: 260, excluded: { 'consent-expired': 50 }, holdout: 10, members: 200, pilot: 0 },
      creatives: { rendered: 1, rejected: 0, findings: 1, bySeverity: { blocking: 0, warning: 1, info: 0 } },
      approvals: [
        { approvalId: 'a1', state: 'approved', decisions: [{ by: 'bob', via: 'slack', outcome: 'counted' }] },
      ],
      deliveries: { planned: 100, accepted: 95, failed: 5, skipped: 0, uncertain: 0, open: 0, withheld: 100 },
      experiment: { metric: 'visit', decision: { action: 'ship', arm: 'a' } },
      incidents: 1,
    });
    const { deliveries, experiment, stages, backlog } = report!.data;
    expect([deliveries, ...deliveries.waves].every(addsUp)).toBe(true);
    expect(deliveries.reasons).toEqual([{ state: 'failed', reason: '550', count: 5 }]);
    expect(stages.map((s) => s.name)).toEqual(expect.arrayContaining(['define', 'learn']));
    expect(experiment).toEqual(await store.experimentSummary(campaignId));
    expect(experiment?.arms).toEqual([
      { arm: 'none', n: 100, events: 10, rate: 0.1 },
      { arm: 'a', n: 100, events: 40, rate: 0.4 },
    ]);
    expect(backlog.length).toBeGreaterThan(2);
  });

  test('rows not written yet are open, before a wave is done', async () => {
    const { db } = fresh;
    const { profileIds } = await seedCampaign(db, { campaignId, people: 10 });
    await recordWave(
      db,
      { campaignId, wave: 'test', part: 'test' },
      profileIds.map((profileId, i) => ({ profileId, arm: 'a', state: i < 4 ? 'accepted' : 'sending' })),
      GATED,
    );
    await db.app`delete from deliveries where profile_id = ${profileIds[9]!}`;
    const report = await createImprovementStore(db.app).report(campaignId);
    expect(report?.data.deliveries).toMatchObject({ planned: 10, accepted: 4, open: 6 });
    expect(report?.data).toMatchObject({
      end: null,
      audience: null,
      experiment: null,
      approvals: [],
      backlog: [],
    });
    expect(report?.markdown).toContain('Written when the campaign has ended.');
  });

  test('no report for a campaign that is not there, and learning from one is a fault', async () => {
    const store = createImprovementStore(fresh.db.app);
    expect(await store.report('cnone')).toBeNull();
    expect(await store.experimentSummary('cnone')).toBeNull();
    const { learn } = createImprovementActivities({ store, knowledge: nowhere, log: quiet });
    await expect(learn({ campaignId: 'cnone', end: 'failed', reason: 'r' })).rejects.toMatchObject({
      nonRetryable: true,
      type: 'not-found',
    });
  });

  test('a folder that cannot be written holds nobody up, and is told', async () => {
    await finishedCampaign();
    const store = createImprovementStore(fresh.db.app);
    const warned: [object, string][] = [];
    const log = { warn: (fields: object, message: string) => warned.push([fields, message]) };
    const full = Object.assign(new Error('ENOSPC: /secret/path'), { code: 'ENOSPC' });
    const ended = { campaignId, end: 'completed', reason: 'r' } as const;
    const { backlogItems } = await createImprovementActivities({
      store,
      log,
      knowledge: { publish: () => Promise.reject(full) },
    }).learn(ended);
    expect(backlogItems).toBeGreaterThan(0);
    const uncommitted: Publisher = {
      publish: () => Promise.resolve({ commit: null, notCommitted: 'git is not installed' }),
    };
    await createImprovementActivities({ store, log, knowledge: uncommitted }).learn(ended);
    expect(warned).toEqual([
      [{ campaignId, why: 'ENOSPC' }, 'knowledge folder not written'],
      [{ campaignId, why: 'git is not installed' }, 'knowledge folder written, not committed'],
    ]);
  });

  test('one writer at a time, also with more writers than connections, and the last one has everything', async () => {
    await finishedCampaign();
    const store = createImprovementStore(fresh.db.app);
    let writing = 0;
    let most = 0;
    const published: KnowledgeFiles[] = [];
    const knowledge: Publisher = {
      publish: async (files) => {
        most = Math.max(most, (writing += 1));
        await new Promise((resolve) => setTimeout(resolve, 20));
        writing -= 1;
        published.push(files);
        return { commit: null, notCommitted: null };
      },
    };
    const { learn } = createImprovementActivities({ store, knowledge, log: quiet });
    await Promise.all(Array.from({ length: 8 }, () => learn({ campaignId, end: 'completed', reason: 'r' })));
    expect(published).toHaveLength(8);
    expect(most).toBe(1);
    expect(published.at(-1)?.['crm-test-log.md']).toContain(campaignId);
  });
});
