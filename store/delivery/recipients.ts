import type { MessageValues } from '../../domain/campaigns/message-values';
import { MESSAGE_STEP } from '../../domain/campaigns/steps';
import type { PersonValues } from '../../domain/creatives/variables';
import type { PostalAddress } from '../../domain/delivery/ports';
import type { Channel } from '../../domain/shared/words';
import { arrayLiteral } from '../array-literal';
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

/** What no channel asked for is not in it. */
interface Row {
  readonly profile_id: number;
  readonly first_name: string | null;
  readonly last_name: string | null;
  readonly city: string | null;
  readonly email?: string | null;
  readonly phone?: string | null;
  readonly address_1?: string | null;
  readonly address_2?: string | null;
  readonly postcode?: string | null;
  readonly country?: string | null;
  readonly tokens?: readonly string[] | null;
  readonly profiling?: boolean | null;
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
  const ids = arrayLiteral(addressees.map(({ profileId }) => profileId));
  const tokens = identity`(
    select array_agg(t.token order by d.seen_at desc) from devices d join identity.device_tokens t using (token_fp)
    where d.profile_id = i.profile_id and d.revoked_at is null)`;
  const profiling = identity`(
    select bool_or(s.granted and (s.expires_at is null or s.expires_at > clock_timestamp())) from consent_state s
    where s.profile_id = i.profile_id and s.purpose = 'profiling')`;
  const messages = addressees.flatMap(({ step }) =>
    step.startsWith(MESSAGE_STEP) ? step.slice(MESSAGE_STEP.length) : [],
  );
  // Two queries, not a join: hardly anybody has something that is doubted, and a join looks up everybody's profile.
  const [people, doubtful, values] = await Promise.all([
    identity<Row[]>`
      select i.profile_id, i.first_name, i.last_name, i.city
        ${needs('email') || needs('e-letter') ? identity`, i.email` : identity``}
        ${needs('sms') ? identity`, i.phone` : identity``}
        ${needs('letter') ? identity`, i.address_1, i.address_2, i.postcode, i.country` : identity``}
        ${needs('push') ? identity`, ${tokens} as tokens` : identity``}
        ${needs('in-app') ? identity`, ${profiling} as profiling` : identity``}
      from identity.people i where i.profile_id = any(${ids}::bigint[])`,
    identity<{ id: number; doubtful: readonly string[] }[]>`
      select id, doubtful from profiles where id = any(${ids}::bigint[]) and doubtful <> '{}'`,
    messages.length === 0
      ? []
      : identity<{ message_id: string; values: MessageValues }[]>`
          select message_id, "values" from identity.message_values where message_id = any(${messages}::text[])`,
  ]);
  const rowOf = new Map(people.map((row) => [row.profile_id, row]));
  const doubtsOf = new Map(doubtful.map((row) => [row.id, row.doubtful]));
  const valuesOf = new Map(values.map((row) => [`${MESSAGE_STEP}${row.message_id}`, row.values]));
  return addressees.map(({ profileId, step }) => {
    const row = rowOf.get(profileId);
    return row && recipientOf(row, doubtsOf.get(profileId) ?? NONE, valuesOf.get(step) ?? null);
  });
}

const NONE: readonly string[] = [];

function recipientOf(row: Row, doubtful: readonly string[], values: MessageValues | null): Recipient {
  const believed = (value: string | null, name: string): string | null =>
    doubtful.includes(name) ? null : value;
  const { address_1: line1 = null, address_2: line2 = null, postcode = null, country = null } = row;
  return {
    profileId: row.profile_id,
    email: row.email ?? null,
    phone: row.phone ?? null,
    firstName: believed(row.first_name, 'firstName'),
    lastName: believed(row.last_name, 'lastName'),
    city: believed(row.city, 'city'),
    postal: line1 === null || postcode === null ? null : { line1, line2, postcode, country: country ?? 'FR' },
    tokens: row.tokens ?? NONE,
    profiling: row.profiling === true,
    values,
  };
}
