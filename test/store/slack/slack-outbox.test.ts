import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeButtonValue } from '../../../adapters/slack/button-value';
import type { Decision } from '../../../domain/approvals/decision';
import { BoucleError } from '../../../domain/shared/errors';
import { createApprovalsStore } from '../../../store/approvals-store';
import { createSlackInboxStore } from '../../../store/slack-inbox-store';
import { runSlackOutbox, type DeliverDecision } from '../../../worker/slack-outbox';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { seedCampaign } from './seed-campaign';

let fresh: FreshDatabase;
let campaignId: string;
let approvalId: string;
beforeAll(async () => {
  fresh = await freshDatabase();
  const sql = fresh.db.app;
  for (const [id, roles] of [
    ['camille', ['viewer', 'approver']],
    ['dominique', ['viewer', 'editor']],
    ['alex', ['admin']],
  ] as const) {
    await sql`insert into api_keys (id, hash, principal, slack_user, roles) values (${id}, '\\x00', ${id}, ${`U${id.toUpperCase()}`}, ${[...roles]})`;
  }
  campaignId = await seedCampaign(sql);
  const approval = await createApprovalsStore(sql).request({
    campaignId,
    subjectHash: 'h1',
    deadlineSeconds: 60,
  });
  approvalId = approval?.id ?? '';
});
beforeEach(() => fresh.db.app`delete from slack_inbox`.then(() => undefined));
afterAll(() => fresh.close());

const click = (user: string, decision: 'approve' | 'reject' = 'approve') => ({
  type: 'block_actions',
  user: { id: user },
  channel: { id: 'C1' },
  actions: [
    {
      action_id: `boucle.${decision}`,
      value: encodeButtonValue({ campaignId, approvalId, subjectHash: 'h1', decision }),
    },
  ],
});
const counted: DeliverDecision = async () => ({ outcome: 'counted', state: 'approved', missing: 0 });

/** Runs pollers until nothing waits, then answers what was delivered and said. */
async function drain(
  deliver: DeliverDecision,
  options: { pollers?: number; answer?: () => void; forMs?: number } = {},
) {
  const delivered: { campaignId: string; decision: Decision }[] = [];
  const said: string[] = [];
  const stop = new AbortController();
  const inbox = createSlackInboxStore(fresh.db.app);
  const pollers = Array.from({ length: options.pollers ?? 1 }, () =>
    runSlackOutbox({
      inbox,
      approvals: createApprovalsStore(fresh.db.app),
      deliver: async (id, decision) => {
        delivered.push({ campaignId: id, decision });
        return deliver(id, decision);
      },
      messenger: {
        answerPrivately: async (_channel, user, words) => {
          options.answer?.();
          said.push(`${user}: ${words}`);
        },
      },
      log: { info: () => undefined, warn: () => undefined },
      signal: stop.signal,
      pollMs: 10,
    }),
  );
  const until = Date.now() + (options.forMs ?? 10_000);
  while (Date.now() < until) {
    const [row] = await fresh.db.app<
      { n: number }[]
    >`select count(*) as n from slack_inbox where handled_at is null`;
    if (row?.n === 0) break;
    await sleep(20);
  }
  stop.abort();
  await Promise.all(pollers);
  return { delivered, said };
}

describe('slack outbox', () => {
  test('two pollers handle each of 200 clicks once', async () => {
    const inbox = createSlackInboxStore(fresh.db.app);
    await Promise.all(Array.from({ length: 200 }, (_, i) => inbox.receive(`t${i}`, click('UCAMILLE'))));
    const { delivered, said } = await drain(
      async (id, decision) => {
        await sleep(2);
        return counted(id, decision);
      },
      { pollers: 2 },
    );
    expect(delivered.map((d) => d.decision.decisionId).sort()).toEqual(
      Array.from({ length: 200 }, (_, i) => `slack.t${i}`).sort(),
    );
    expect(said).toHaveLength(200);
  });

  test('a decision carries who clicked, as the principal they are', async () => {
    await createSlackInboxStore(fresh.db.app).receive('1.2.3', click('UCAMILLE', 'reject'));
    const { delivered, said } = await drain(async () => ({
      outcome: 'counted',
      state: 'rejected',
      missing: 0,
    }));
    expect(delivered).toEqual([
      {
        campaignId,
        decision: {
          decisionId: 'slack.1.2.3',
          decision: 'reject',
          by: 'camille',
          via: 'slack',
          subjectHash: 'h1',
        },
      },
    ]);
    expect(said).toEqual(['UCAMILLE: Your rejection counts: the campaign ends and nobody is written to.']);
  });

  test.each([['UNKNOWN'], ['UDOMINIQUE']])('%s is no approver: told so, nothing delivered', async (user) => {
    await createSlackInboxStore(fresh.db.app).receive('x', click(user));
    const { delivered, said } = await drain(counted);
    expect(delivered).toEqual([]);
    expect(said).toEqual([expect.stringContaining('not among the approvers')]);
    const [row] = await fresh.db.app`select answer from slack_inbox`;
    expect(row?.['answer']).toMatch(/^approval-not-approver: /);
  });

  test('who administers may decide here as at the other door', async () => {
    await createSlackInboxStore(fresh.db.app).receive('x', click('UALEX'));
    const { delivered } = await drain(counted);
    expect(delivered.map((d) => d.decision.by)).toEqual(['alex']);
  });

  test('a click on a campaign that has ended', async () => {
    await createSlackInboxStore(fresh.db.app).receive('x', click('UCAMILLE'));
    const { said } = await drain(async () => {
      throw new BoucleError('campaign-ended', 'over');
    });
    expect(said).toEqual(['UCAMILLE: This campaign has ended. Your click changed nothing.']);
  });

  test('a fault puts it off; the same decision id comes again until it works', async () => {
    await createSlackInboxStore(fresh.db.app).receive('x', click('UCAMILLE'));
    let failures = 1;
    const { delivered, said } = await drain(async (id, decision) => {
      if (failures-- > 0) throw new Error('temporal is away');
      return counted(id, decision);
    });
    expect(delivered.map((d) => d.decision.decisionId)).toEqual(['slack.x', 'slack.x']);
    expect(said).toHaveLength(1);
    const [row] = await fresh.db.app`select attempts, handled_at is not null as handled from slack_inbox`;
    expect(row).toEqual({ attempts: 2, handled: true });
  });

  test('while it is put off it stays in the inbox', async () => {
    await createSlackInboxStore(fresh.db.app).receive('x', click('UCAMILLE'));
    await drain(() => Promise.reject(new Error('away')), { forMs: 300 });
    const [row] = await fresh.db
      .app`select attempts, handled_at, not_before > now() as later from slack_inbox`;
    expect(row).toMatchObject({ attempts: 1, handled_at: null, later: true });
  });

  test('link buttons and rubbish are settled without a word', async () => {
    const inbox = createSlackInboxStore(fresh.db.app);
    await inbox.receive('link', { ...click('UCAMILLE'), actions: [{ action_id: 'boucle.details' }] });
    await inbox.receive('rubbish', { type: 'block_actions' });
    const { delivered, said } = await drain(counted);
    expect([delivered, said]).toEqual([[], []]);
    const rows = await fresh.db.app<
      { id: string; answer: string }[]
    >`select id, answer from slack_inbox order by id`;
    expect([...rows]).toEqual([
      { id: 'link', answer: 'other' },
      { id: 'rubbish', answer: 'unreadable' },
    ]);
  });

  test('a dead worker’s row is taken again after its lease', async () => {
    const inbox = createSlackInboxStore(fresh.db.app);
    await inbox.receive('x', click('UCAMILLE'));
    expect(await inbox.claim(10, 0.2)).toHaveLength(1);
    expect(await inbox.claim(10, 0.2)).toHaveLength(0);
    await sleep(250);
    expect(await inbox.claim(10, 0.2)).toMatchObject([{ id: 'x', attempts: 2 }]);
  });
});
