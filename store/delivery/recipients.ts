import type { PersonValues } from '../../domain/creatives/variables';
import type { Sql } from '../db';

/** Personal data: for rendering and sending alone, never logged. */
export interface Recipient extends PersonValues {
  readonly profileId: number;
  readonly email: string | null;
}

/** Takes the identity pool, the only one that may read names and addresses. What is doubted comes as null. */
export async function recipientsFor(identity: Sql, profileIds: readonly number[]): Promise<Recipient[]> {
  const rows = await identity<
    {
      profile_id: number;
      email: string | null;
      first_name: string | null;
      last_name: string | null;
      city: string | null;
      doubtful: string[];
    }[]
  >`
    select i.profile_id, i.email, i.first_name, i.last_name, i.city, coalesce(p.doubtful, '{}') as doubtful
    from identity.people i left join profiles p on p.id = i.profile_id
    where i.profile_id = any(${[...profileIds]}::bigint[])`;
  return rows.map((row) => {
    const doubt = new Set(row.doubtful);
    const believed = (value: string | null, name: string): string | null => (doubt.has(name) ? null : value);
    return {
      profileId: row.profile_id,
      email: row.email,
      firstName: believed(row.first_name, 'firstName'),
      lastName: believed(row.last_name, 'lastName'),
      city: believed(row.city, 'city'),
    };
  });
}
