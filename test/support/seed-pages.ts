import { evaluateBodyOf } from '../../api/experiment-input';
import { evaluateBody } from '../../api/schemas/experiments';
import { createFinishedTestsStore } from '../../store/finished-tests-store';
import { evaluateExperiment } from '../../domain/experiments/evaluate';
import { STAGES, type End, type Stage } from '../../domain/shared/words';
import type { Sql } from '../../store/db';

export interface SeededPage {
  readonly id: string;
  readonly name?: string;
  readonly owner?: string;
  /** The stage it stands at; those before have ended. */
  readonly stage: Stage;
  readonly blockedOn?: string;
  readonly hold?: 'run' | 'paused' | 'aborted';
  readonly end?: End;
  readonly endReason?: string;
  readonly minutesAgo?: number;
}

const ARMS = [
  { key: 'perso', label: 'Ton personnel', weight: 1, control: false, baseline: false, content: {} },
  { key: 'factuel', label: 'Ton factuel', weight: 1, control: false, baseline: true, content: {} },
  { key: 'temoin', label: 'Sans message', weight: 1, control: true, baseline: false, content: {} },
];

/** One campaign as the workflow would have left it at its stage, with everything its page can show. */
export async function seedPage(sql: Sql, page: SeededPage): Promise<void> {
  const began = new Date(Date.now() - (page.minutesAgo ?? 12) * 60_000);
  const scenario = {
    key: 'relance-printemps',
    name: page.name ?? 'Relance de printemps',
    owner: page.owner ?? 'Équipe fidélité',
    department: 'crm',
    market: 'FR',
    objective: 'Faire revenir les clients qui n’ont rien acheté depuis un an.',
    hypothesis: 'Un ton personnel amène plus de visites qu’un ton factuel.',
    primaryMetric: { event: 'visit', direction: 'increase', windowSeconds: 14 * 86_400 },
    northStar: 'Chiffre d’affaires par client et par an',
    approval: { required: 1 },
    arms: ARMS,
  };
  await sql`insert into scenarios (key, version, status, definition, created_by) values (${scenario.key}, 3, 'validated', ${sql.json(scenario)}, 'lea') on conflict do nothing`;
  await sql`
    insert into campaigns (id, scenario_key, scenario_version, scenario, seed, workflow_id, run_id, stage, hold, blocked_on, "end", end_reason, created_by, created_at, ended_at)
    values (${page.id}, ${scenario.key}, 3, ${sql.json(scenario)}, 's', ${`campaign.${page.id}`}, '0198-run', ${page.stage}, ${page.hold ?? 'run'},
      ${page.blockedOn ?? null}, ${page.end ?? null}, ${page.endReason ?? null}, 'lea', ${began}, ${page.end ? new Date() : null})`;

  const at = STAGES.indexOf(page.stage);
  for (const [i, stage] of STAGES.slice(0, at + 1).entries()) {
    const from = new Date(began.getTime() + i * 40_000);
    const ended = i < at || page.end !== undefined;
    const last = i === at && page.end !== undefined && !['completed', 'no-winner'].includes(page.end);
    await sql`
      insert into campaign_stages (campaign_id, stage, started_at, ended_at, outcome)
      values (${page.id}, ${stage}, ${from}, ${ended ? new Date(from.getTime() + 1_300 + i * 5_200) : null}, ${ended ? (last ? (page.end ?? null) : stage === 'observe' ? 'not-applicable' : 'done') : null})`;
  }
  if (at >= STAGES.indexOf('audit')) await seedAudience(sql, page.id);
  if (at >= STAGES.indexOf('create')) await seedCreatives(sql, page.id);
  if (at >= STAGES.indexOf('approve')) await seedApproval(sql, page, at > STAGES.indexOf('approve'));
  if (at >= STAGES.indexOf('pilot'))
    await seedWave(sql, page.id, {
      wave: 'pilot',
      part: 'pilot',
      planned: 400,
      settled: 400,
      seconds: 30,
      ended: true,
    });
  if (at >= STAGES.indexOf('experiment')) {
    const running = page.stage === 'experiment';
    await seedWave(sql, page.id, {
      wave: 'test',
      part: 'test',
      planned: 3_000,
      settled: running ? 1_740 : 3_000,
      seconds: 45,
      ended: !running,
    });
  }
  if (at > STAGES.indexOf('evaluate') || (page.stage === 'evaluate' && page.end)) {
    await sql`insert into evaluations (campaign_id, look, inputs, result) values (${page.id}, 1, '{}', ${sql.json(JSON.parse(JSON.stringify(result())))})`;
  }
  if (at >= STAGES.indexOf('rollout'))
    await seedWave(sql, page.id, {
      wave: 'rollout-1',
      part: 'rollout',
      planned: 2_000,
      settled: 2_000,
      seconds: 60,
      ended: true,
      arm: 'perso',
    });
  if (page.stage === 'learn') await seedLearnt(sql, page.id);
}

const result = () =>
  evaluateExperiment({
    metric: 'visit',
    direction: 'increase',
    alpha: 0.05,
    minPerArm: 1_000,
    guardrails: [
      {
        metric: 'unsubscribe',
        limit: 0.005,
        arms: [
          { key: 'perso', n: 7_060, events: 21 },
          { key: 'factuel', n: 7_051, events: 18 },
        ],
      },
    ],
    arms: [
      { key: 'perso', label: 'Ton personnel', weight: 1, n: 7_104, events: 1_298, assigned: 7_200 },
      {
        key: 'factuel',
        label: 'Ton factuel',
        weight: 1,
        baseline: true,
        n: 7_090,
        events: 1_071,
        assigned: 7_200,
      },
      {
        key: 'temoin',
        label: 'Sans message',
        weight: 1,
        control: true,
        n: 7_112,
        events: 752,
        assigned: 7_200,
      },
    ],
  });

async function seedAudience(sql: Sql, id: string): Promise<void> {
  await sql`
    insert into audiences (campaign_id, matched, excluded, holdout, members, arms, parts, personas, definition_sha256)
    values (${id}, 20000, ${sql.json({ 'no-consent': 3_210, 'consent-expired': 840, suppressed: 212, unreachable: 96, doubtful: 42 })}, 780, 14820,
      ${sql.json({ perso: 4_940, factuel: 4_940, temoin: 4_940 })}, ${sql.json({ pilot: 620, test: 5_200, rollout: 9_000 })},
      ${sql.json({ 'fideles-haute-valeur': 6_120, 'occasionnels-promo': 5_480, 'nouveaux-curieux': 3_220 })}, 'x')`;
}

async function seedCreatives(sql: Sql, id: string): Promise<void> {
  const subjects = [
    'Camille, on vous a gardé une place',
    'Vos avantages de printemps sont là',
    'Bienvenue : vos premières idées',
  ];
  for (const [i, persona] of ['fideles-haute-valeur', 'occasionnels-promo', 'nouveaux-curieux'].entries()) {
    for (const arm of ['perso', 'factuel']) {
      const [row] = await sql<{ id: number }[]>`
        insert into creatives (campaign_id, step, persona, arm, channel, locale, hash, subject, preheader, html, text, hero, links, status, comment)
        values (${id}, 'first', ${persona}, ${arm}, 'email', 'fr', ${`${persona}${arm}`}, ${subjects[i] ?? ''}, 'Jusqu’au 12 avril, dans votre magasin',
          ${`<html><body style="margin:0;background:#f4efe6;font-family:Arial"><div style="max-width:600px;margin:auto;background:#fff;padding:24px"><h1>${subjects[i]}</h1><p>Bonjour,</p><p>Le printemps revient, et vos avantages aussi.</p></div></body></html>`},
          'Bonjour, le printemps revient.', ${`${'0123456789abcdef'[(i * 2 + arm.length) % 16]}`.repeat(64)}, ${sql.json([{ index: 0, url: 'https://example.test/printemps', label: 'Je découvre' }])},
          ${i === 2 && arm === 'perso' ? 'reject' : 'passed'}, ${i === 2 && arm === 'perso' ? 'Contraste du bouton à revoir' : null}) returning id`;
      if (i === 2 && arm === 'perso') {
        await sql`insert into findings values (${row?.id ?? 0}, 'contrast', 'blocking', 'Bouton : 3,1:1 au lieu de 4,5:1', null)`;
      }
      if (i > 0)
        await sql`insert into findings values (${row?.id ?? 0}, 'weight', 'warning', 'Le message pèse 96 kB', null)`;
    }
  }
}

/** The same campaign by the channels that have no picture; the first of them was rejected. */
export async function seedWordCreatives(sql: Sql, id: string): Promise<void> {
  const links = [{ index: 0, url: 'https://example.test/printemps', label: 'Je découvre' }];
  const transparent = {
    title: 'Nos avantages de printemps',
    body: 'Dans tous nos magasins jusqu’au 12 avril.',
  };
  for (const [channel, subject, text] of [
    ['sms', '', 'Vos avantages vous attendent : {{ links[0] }}\nSTOP au 36180'],
    [
      'push',
      '{{ person.firstName | default: "Pour vous" }}, vos avantages',
      'Jusqu’au 12 avril, dans votre magasin.',
    ],
    ['in-app', 'Vos avantages de printemps', 'Jusqu’au 12 avril, dans votre magasin.'],
    [
      'letter',
      'Vos avantages de printemps',
      'Madame, Monsieur,\n\nLe printemps revient, et vos avantages aussi.\n\nÀ bientôt dans votre magasin.',
    ],
  ] as const) {
    const [row] = await sql<{ id: number }[]>`
      insert into creatives (campaign_id, step, persona, arm, channel, locale, hash, subject, preheader, html, text, links, meta, status)
      values (${id}, 'relance', 'fideles-haute-valeur', 'perso', ${channel}, 'fr', ${channel}, ${subject}, '', '', ${text}, ${sql.json(channel === 'letter' ? [] : links)},
        ${sql.json({ ctaLabel: 'Je découvre', ...(channel === 'in-app' ? { transparent } : {}) })}, ${channel === 'sms' ? 'reject' : 'passed'}) returning id`;
    if (channel === 'sms')
      await sql`insert into findings values (${row?.id ?? 0}, 'sms-stop', 'blocking', 'it does not say how to refuse such messages', null)`;
  }
}

async function seedApproval(sql: Sql, page: SeededPage, decided: boolean): Promise<void> {
  const state = page.end === 'rejected' ? 'rejected' : decided ? 'approved' : 'waiting';
  await sql`
    insert into approvals (id, campaign_id, subject_hash, deadline_at, slack_channel, slack_ts, state)
    values (${`a${page.id}`}, ${page.id}, 'h', now() + interval '3 days', 'C1', '1.0', ${state})`;
  if (state === 'waiting') return;
  await sql`
    insert into decisions (id, approval_id, decision, by, via, subject_hash, outcome, reason) values
      (${`slack.${page.id}`}, ${`a${page.id}`}, ${state === 'rejected' ? 'reject' : 'approve'}, 'camille', 'slack', 'h', 'counted', ${state === 'rejected' ? 'Le visuel ne respecte pas la charte.' : null}),
      (${`late.${page.id}`}, ${`a${page.id}`}, 'approve', 'noé', 'slack', 'h', 'approval-decided', null)`;
}

interface SeededWave {
  readonly wave: string;
  readonly part: string;
  readonly planned: number;
  readonly settled: number;
  readonly seconds: number;
  readonly ended: boolean;
  readonly arm?: string;
}

async function seedWave(sql: Sql, id: string, w: SeededWave): Promise<void> {
  const began = new Date(Date.now() - w.seconds * 1_000);
  await sql`
    insert into waves (campaign_id, step, wave, part, arm, planned, withheld, started_at, ended_at)
    values (${id}, 'first', ${w.wave}, ${w.part}, ${w.arm ?? null}, ${w.planned}, ${w.arm ? 0 : Math.round(w.planned / 2)}, ${began}, ${w.ended ? new Date() : null})`;
  await sql`
    insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state, reason, code, settled_at)
    select ${id}, 'first', n + ${w.part === 'pilot' ? 0 : w.part === 'test' ? 10_000 : 20_000}, ${w.wave}, 'perso', 'p', 'email',
      case when n % 100 < 7 then 'skipped' when n % 100 = 7 then 'failed' when n % 500 = 8 then 'uncertain' else 'accepted' end,
      case when n % 100 < 4 then 'cap' when n % 100 < 7 then 'no-consent' when n % 500 = 8 then 'connection-lost' end,
      case when n % 100 = 7 then '550 5.1.1' end, now()
    from generate_series(1, ${w.settled}) n`;
}

async function seedLearnt(sql: Sql, id: string): Promise<void> {
  await sql`
    insert into reports (campaign_id, markdown, data) values (${id}, ${[
      '# Relance de printemps',
      '',
      'La version **Ton personnel** a été envoyée à tous : +7,7 points de visites (IC 95 % `6,6` à `8,8`).',
      '',
      '## Chiffres',
      '',
      '| Bras | Personnes | Visites |',
      '| --- | ---: | ---: |',
      '| Ton personnel | 7 104 | 1 298 |',
      '| Sans message | 7 112 | 752 |',
      '',
      '- Guardrails respectés',
      '- Rien d’<b>incertain</b>',
    ].join('\n')}, '{}')`;
  await sql`
    insert into backlog_items (id, campaign_id, title, why, revenue_potential, difficulty, statistical_feasibility, priority) values
      (${`b1${id}`}, ${id}, 'Étendre le ton personnel aux paniers abandonnés', 'L’écart tient dans les trois personas.', 5, 2, 4, 10),
      (${`b2${id}`}, ${id}, 'Tester un rappel à J+5', 'Un tiers des visites arrive après le quatrième jour.', 3, 2, 3, 4.5)`;
}

/** A test that was run elsewhere, as its import leaves it: Hillstrom's visits, or amounts. */
export async function seedFinishedTest(sql: Sql, key: string, kind: 'share' | 'mean'): Promise<void> {
  const body = evaluateBody.parse({
    metric: kind === 'share' ? 'visit' : 'spend',
    control: 'No E-Mail',
    plan: { bayes: kind === 'share' },
    arms:
      kind === 'share'
        ? [
            { key: 'Mens E-Mail', n: 21_307, successes: 3_894 },
            { key: 'Womens E-Mail', n: 21_387, successes: 3_238 },
            { key: 'No E-Mail', n: 21_306, successes: 2_262 },
          ]
        : [
            { key: 'Mens E-Mail', n: 21_307, sum: 30_311.69, sumOfSquares: 6_755_000 },
            { key: 'Womens E-Mail', n: 21_387, sum: 23_038.11, sumOfSquares: 4_895_000 },
            { key: 'No E-Mail', n: 21_306, sum: 13_908.33, sumOfSquares: 2_871_000 },
          ],
  });
  await createFinishedTestsStore(sql).add({
    key,
    name: 'Hillstrom: an e-mail about men’s or women’s merchandise',
    hypothesis: 'Somebody who gets an e-mail about what they buy comes back.',
    replicates: kind === 'share' ? null : 'hillstrom-visit',
    body,
    result: evaluateBodyOf(body),
    revision: '0.1.0',
    importedBy: 'anne',
  });
}
