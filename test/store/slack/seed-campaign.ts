import { randomBytes } from 'node:crypto';
import type { Sql } from '../../../store/db';

/** A campaign with the scenario of the example, its audience frozen where asked. Answers its id. */
export async function seedCampaign(
  sql: Sql,
  options: { audience?: boolean; name?: string; owner?: string } = {},
): Promise<string> {
  const id = `c${randomBytes(8).toString('hex').slice(0, 11)}`;
  const scenario = {
    key: 'relance',
    name: options.name ?? 'Relance de printemps',
    owner: options.owner ?? 'Équipe fidélité',
    department: 'crm',
    market: 'FR',
    objective: 'Faire revenir les clients de l’an passé.',
    hypothesis: 'Un ton personnel amène plus de visites.',
    primaryMetric: { event: 'visit', direction: 'increase', windowSeconds: 60 },
    northStar: 'Chiffre d’affaires par client',
    approval: { required: 1 },
    arms: [
      { key: 'a', label: 'Ton personnel', weight: 1, control: false, baseline: false, content: {} },
      { key: 'b', label: 'Ton factuel', weight: 1, control: false, baseline: true, content: {} },
      { key: 'control', label: 'Rien', weight: 1, control: true, baseline: false, content: {} },
    ],
  };
  await sql`insert into scenarios (key, version, status, definition, created_by) values ('relance', 1, 'validated', ${sql.json(scenario)}, 'lea') on conflict do nothing`;
  await sql`
    insert into campaigns (id, scenario_key, scenario_version, scenario, seed, workflow_id, created_by)
    values (${id}, 'relance', 1, ${sql.json(scenario)}, 's', ${`campaign.${id}`}, 'lea')`;
  if (options.audience) {
    await sql`
      insert into audiences (campaign_id, matched, excluded, holdout, members, arms, parts, personas, definition_sha256)
      values (${id}, 1200, ${sql.json({ 'no-consent': 120, suppressed: 30 })}, 50, 1000, ${sql.json({ a: 150, b: 150 })},
              ${sql.json({ pilot: 100, test: 200, rollout: 700 })}, ${sql.json({ p1: 600, p2: 400 })}, 'x')`;
  }
  return id;
}
