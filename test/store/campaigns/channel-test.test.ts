import { scenarioSchema } from '../../../domain/campaigns/scenario';
import { assignmentHash } from '../../../store/assignment';
import { createAudienceStore } from '../../../store/audience-store';
import { freshDatabase } from '../../support/database';
import { insertPeople, putCampaign, putSegments, scenario } from '../../support/people';

const SHARE = 0.4;

test('who cannot be reached in every arm waits for the roll-out; everybody else is where any test would have them', async () => {
  const database = await freshDatabase(2);
  const sql = database.db.app;
  await putSegments(sql);
  await insertPeople(sql, 3_000);
  // Two in three have a phone that may be written to.
  await sql`update profiles set phone_fp = decode(lpad(to_hex(id + 1000000), 64, '0'), 'hex') where mod(id, 3) > 0`;
  await sql`
    insert into consent_state (profile_id, purpose, channel, granted, event_id, at)
    select id, 'promotion', 'sms', true, id, now() from profiles where phone_fp is not null`;
  const sender = { label: 'A', weight: 1 };
  const define = (channels: readonly ('email' | 'sms')[][]) =>
    scenario({
      audience: { segment: 'buyers', personas: ['gold'], fallbackPersona: 'young' },
      channels: ['email', 'sms'],
      arms: [
        ...channels.map((own, i) => ({ ...sender, key: `arm-${i}`, channels: [...own] })),
        { key: 'none', label: 'None', weight: 1, control: true },
      ],
      experiment: { testShare: SHARE },
    });
  const frozen = async (id: string, channels: readonly ('email' | 'sms')[][]) => {
    await putCampaign(sql, id, scenarioSchema.parse(define(channels)));
    await createAudienceStore(database.db).freeze(id);
    return sql<{ id: number; part: string; arm: string | null; email: boolean; sms: boolean }[]>`
      select m.profile_id as id, m.part, m.arm, coalesce(c.granted and coalesce(c.expires_at > now(), true), false)
          and p.email_fp is not null and not 'email' = any(p.doubtful)
          and not exists (select from suppressions s where s.fingerprint = p.email_fp and s.scope in ('global', 'brand:maison')) as email,
        p.phone_fp is not null as sms
      from audience_members m join profiles p on p.id = m.profile_id
      left join consent_state c on c.profile_id = p.id and c.purpose = 'promotion' and c.channel = 'email'
      where m.campaign_id = ${id} and m.part <> 'pilot' order by m.profile_id`;
  };

  const compared = await frozen('cchannels001', [['email'], ['sms']]);
  for (const { id, part, email, sms } of compared)
    expect(part).toBe(email && sms && assignmentHash('seed.part', id) < SHARE ? 'test' : 'rollout');
  expect(compared.filter(({ part }) => part === 'test').length).toBeGreaterThan(200);
  expect(compared.some(({ email, sms }) => !email && sms)).toBe(true);
  expect(compared.some(({ email, sms }) => email && !sms)).toBe(true);

  const alike = await frozen('cchannels002', [
    ['email', 'sms'],
    ['email', 'sms'],
  ]);
  expect(alike.map(({ id }) => id)).toEqual(compared.map(({ id }) => id));
  const before = new Map(alike.map((member) => [member.id, member]));
  for (const { id, arm, part } of compared)
    if (part === 'test') expect(before.get(id)).toMatchObject({ arm, part });
  await database.close();
});
