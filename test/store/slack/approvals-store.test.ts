import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createApprovalsStore } from '../../../store/approvals-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { seedCampaign } from './seed-campaign';

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.close());

const ask = (campaignId: string, subjectHash = 'h1') => ({ campaignId, subjectHash, deadlineSeconds: 3_600 });

describe('approvals', () => {
  test('twenty requests for the same subject at once make one approval', async () => {
    const campaignId = await seedCampaign(fresh.db.app);
    const store = createApprovalsStore(fresh.db.app);
    const all = await Promise.all(Array.from({ length: 20 }, () => store.request(ask(campaignId))));
    expect(new Set(all.map((a) => a?.id)).size).toBe(1);
    expect(new Set(all.map((a) => a?.deadlineAt.getTime())).size).toBe(1);
    const other = await store.request(ask(campaignId, 'h2'));
    expect(other?.id).not.toBe(all[0]?.id);
    // The one before it is listed no more.
    expect((await store.standing(String(all[0]?.id)))?.state).toBe('void');
  });

  test('a campaign that is not there has none', async () => {
    expect(await createApprovalsStore(fresh.db.app).request(ask('cnowhere'))).toBeNull();
  });

  test('closing happens once, and approving says what may be sent', async () => {
    const campaignId = await seedCampaign(fresh.db.app);
    const store = createApprovalsStore(fresh.db.app);
    const approval = await store.request(ask(campaignId));
    if (approval === null) throw new Error('no approval');
    await store.recordDecision(
      approval.id,
      { decisionId: `d.${campaignId}`, decision: 'approve', by: 'camille', via: 'rest', subjectHash: 'h1' },
      'counted',
    );
    const decision = {
      decisionId: `d.${campaignId}`,
      decision: 'reject' as const,
      by: 'x',
      via: 'rest' as const,
      subjectHash: 'h1',
    };
    await store.recordDecision(approval.id, decision, 'counted');
    expect((await store.close(approval.id, 'approved'))?.state).toBe('approved');
    expect((await store.close(approval.id, 'expired'))?.state).toBe('approved');
    expect(await store.standing(approval.id)).toEqual({ state: 'approved', by: 'camille' });
    const [row] = await fresh.db.app`select approved_hash from campaigns where id = ${campaignId}`;
    expect(row?.['approved_hash']).toBe('h1');
    // Asked again after it was closed, somebody has to decide again.
    expect((await store.request(ask(campaignId)))?.id).not.toBe(approval.id);
  });

  test('the first message is the one kept', async () => {
    const campaignId = await seedCampaign(fresh.db.app);
    const store = createApprovalsStore(fresh.db.app);
    const approval = await store.request(ask(campaignId));
    if (approval === null) throw new Error('no approval');
    await store.setSlackRef(approval.id, { channel: 'C1', ts: '1.0' });
    await store.setSlackRef(approval.id, { channel: 'C1', ts: '2.0' });
    expect((await store.get(approval.id))?.slack).toEqual({ channel: 'C1', ts: '1.0' });
  });

  test('the card counts findings of the latest revisions only', async () => {
    const sql = fresh.db.app;
    const campaignId = await seedCampaign(sql, { audience: true });
    for (const [persona, revision, check, severity] of [
      ['p1', 1, 'alt-text', 'blocking'],
      ['p1', 2, 'weight', 'warning'],
      ['p2', 1, 'weight', 'warning'],
      ['p2', 1, 'note', 'info'],
    ] as const) {
      await sql`
        insert into creatives (campaign_id, step, persona, arm, channel, locale, revision, hash, subject, preheader, html, text, hero, links, status)
        values (${campaignId}, 'first', ${persona}, 'a', 'email', 'fr', ${revision}, 'h', 's', 'p', '<p>', 't', 'blob', '[]', 'passed')
        on conflict do nothing`;
      await sql`
        insert into findings select id, ${check}, ${severity}, 'words' from creatives
        where campaign_id = ${campaignId} and persona = ${persona} and revision = ${revision}`;
    }
    expect(await createApprovalsStore(sql).cardFacts(campaignId)).toEqual({
      title: 'Relance de printemps',
      owner: 'Équipe fidélité',
      audience: { members: 1_000, pilot: 100, arms: { a: 150, b: 150 } },
      measured: [{ what: 'Measured by', words: 'more visit within 1 minute' }],
      findings: { blocking: 0, warnings: 2, top: ['weight: words (2 creatives)'] },
    });
    // What a test declares is part of what is approved, and is told with it.
    await sql`
      update campaigns set scenario = scenario || ${sql.json({
        experiment: {
          testShare: 0.5,
          alpha: 0.05,
          secondaryMetrics: [
            { event: 'purchase', direction: 'increase', windowSeconds: 60 },
            { event: 'return', direction: 'decrease', windowSeconds: 30 },
          ],
          northStar: { event: 'subscribed', direction: 'increase', windowSeconds: 60 },
          subPopulations: { segments: ['city'], personas: ['regulars'] },
        },
      })}`;
    expect((await createApprovalsStore(sql).cardFacts(campaignId))?.measured).toEqual([
      { what: 'Measured by', words: 'more visit within 1 minute' },
      {
        what: 'Test',
        words: expect.stringMatching(/^50% of those outside the pilot; alpha 0\.05; one look, at the end/),
      },
      { what: 'North star, measured as', words: 'more subscribed within 1 minute' },
      { what: 'Also counted', words: 'more purchase within 1 minute; less return within 30 seconds' },
      { what: 'Effects tested in', words: 'who is in city; persona regulars' },
    ]);
  });
});
