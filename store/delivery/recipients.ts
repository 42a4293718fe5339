import type { MessageValues } from '../../domain/campaigns/message-values';
import { MESSAGE_STEP } from '../../domain/campaigns/steps';
import type { PersonValues } from '../../domain/creatives/variables';
import type { PostalAddress } from '../../domain/delivery/ports';
import type { Channel } from '../../domain/shared/words';
import type { Sql } from '../db';

/** Personal data: for rendering and sending alone, never logged. */
export interface Recipient extends PersonValues {
  readonly profileId: number;
  readonly email: string | null;
  /** E.164. */
  readonly phone: string | null;
  readonly postal: Pick<PostalAddress, 'line1' | 'line2' | 'postcode' | 'country'> | null;
  /** Devices that are registered. */
  readonly tokens: readonly string[];
  /** Whether they agreed to being profiled. */
  readonly profiling: boolean;
  /** What a service message was asked with; null: it is no such message. */
  readonly values: MessageValues | null;
}

/** Whom a message is for, and of which step. */
export interface Addressee {
  readonly profileId: number;
  readonly step: string;
}

interface Row {
  readonly profile_id: number;
  readonly email: string | null;
  readonly phone: string | null;
  readonly first_name: string | null;
  readonly last_name: string | null;
  readonly address_1: string | null;
  readonly address_2: string | null;
  readonly postcode: string | null;
  readonly city: string | null;
  readonly country: string | null;
  /** null: nothing is. */
  readonly doubtful: readonly string[] | null;
  readonly tokens: readonly string[] | null;
  readonly profiling: boolean | null;
  readonly values: MessageValues | null;
}

/**
 * Takes the identity pool, the only one that may read names and addresses, and reads only what these channels need, in
 * the order asked; nobody's row is left out of it (undefined). What is doubted comes as null.
 */
export async function recipientsFor(
  identity: Sql,
  addressees: readonly Addressee[],
  channels: readonly Channel[],
): Promise<(Recipient | undefined)[]> {
  const needs = (channel: Channel): boolean => channels.includes(channel);
  const messages = addressees.some(({ step }) => step.startsWith(MESSAGE_STEP));
  const tokens = identity`(
    select array_agg(t.token order by d.seen_at desc) from devices d join identity.device_tokens t using (token_fp)
    where d.profile_id = a.profile_id and d.revoked_at is null)`;
  const profiling = identity`(
    select bool_or(s.granted and (s.expires_at is null or s.expires_at > clock_timestamp())) from consent_state s
    where s.profile_id = a.profile_id and s.purpose = 'profiling')`;
  const values = identity`(
    select v."values" from identity.message_values v where v.message_id = substr(a.step, ${MESSAGE_STEP.length + 1}::int))`;
  const rows = await identity<(Row & { nth: number })[]>`
    select a.nth, i.profile_id, i.email, i.phone, i.first_name, i.last_name, i.address_1, i.address_2, i.postcode, i.city, i.country,
      nullif(p.doubtful, '{}') as doubtful,
      ${needs('push') ? tokens : identity`null::text[]`} as tokens,
      ${needs('in-app') ? profiling : identity`null::boolean`} as profiling,
      ${messages ? values : identity`null::jsonb`} as "values"
    from unnest(${addressees.map((a) => a.profileId)}::bigint[], ${addressees.map((a) => a.step)}::text[])
      with ordinality as a (profile_id, step, nth)
    join identity.people i on i.profile_id = a.profile_id
    left join profiles p on p.id = a.profile_id`;
  const found: (Recipient | undefined)[] = addressees.map(() => undefined);
  for (const row of rows) found[row.nth - 1] = recipientOf(row);
  return found;
}

function recipientOf(row: Row): Recipient {
  const believed = (value: string | null, name: string): string | null =>
    row.doubtful?.includes(name) === true ? null : value;
  const { address_1: line1, address_2: line2, postcode, country } = row;
  return {
    profileId: row.profile_id,
    email: row.email,
    phone: row.phone,
    firstName: believed(row.first_name, 'firstName'),
    lastName: believed(row.last_name, 'lastName'),
    city: believed(row.city, 'city'),
    postal: line1 === null || postcode === null ? null : { line1, line2, postcode, country: country ?? 'FR' },
    tokens: row.tokens ?? [],
    profiling: row.profiling === true,
    values: row.values,
  };
}
