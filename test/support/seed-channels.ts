import type { SendingCreative } from '../../activities/delivery/deps';
import type { Db } from '../../store/db';
import { seedCampaign, type SeededCampaign, type SeedOptions } from './seed-campaign';

export interface TwoChannelCampaign {
  readonly campaign: SeededCampaign;
  /** Those of `campaign`, and one for SMS. */
  readonly creatives: readonly SendingCreative[];
}

/** E-mail first, then SMS: everybody has an address, on one of three domains, and a number, and has agreed to both. */
export async function seedTwoChannels(
  db: Db,
  options: SeedOptions & { readonly campaignId: string },
): Promise<TwoChannelCampaign> {
  const { app, identity } = db;
  const campaign = await seedCampaign(db, {
    ...options,
    scenario: { channels: ['email', 'sms'], ...options.scenario },
  });
  const ids = [...campaign.profileIds];
  await app`update profiles set phone_fp = sha256(convert_to('phone' || id, 'UTF8')) where id = any(${ids}::bigint[])`;
  await identity`
    update identity.people set phone = '+3361' || lpad(profile_id::text, 7, '0'),
      email = 'p' || profile_id || '@d' || profile_id % 3 || '.example.test'
    where profile_id = any(${ids}::bigint[])`;
  await app`
    insert into consent_state (profile_id, purpose, channel, granted, event_id, at)
    select id, 'promotion', 'sms', true, 1, now() from unnest(${ids}::bigint[]) id`;
  const [row] = await app<{ id: number }[]>`
    insert into creatives (campaign_id, step, persona, arm, channel, locale, hash, subject, preheader, html, text, hero, links, status)
    values (${campaign.campaignId}, 'first', 'habitues', 'a', 'sms', 'fr', 'sms', '', '', '', 'Bonjour', 'none', '[]', 'passed') returning id`;
  const sms: SendingCreative = {
    creativeId: row?.id ?? 0,
    persona: 'habitues',
    arm: 'a',
    channel: 'sms',
    subject: '',
    html: '',
    text: 'Bonjour',
    links: [],
    unitMicros: 45_000,
  };
  return { campaign, creatives: [...campaign.creatives, sms] };
}
