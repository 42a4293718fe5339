import type { SuppressionReason } from '../domain/consent/suppression';
import type { Channel } from '../domain/shared/words';
import type { Sql, Tx } from './db';
import { FINGERPRINT_COLUMN } from './fingerprint-column';

export interface ProfileSuppression {
  readonly profileId: number;
  readonly channels: readonly Channel[];
  readonly scope: string;
  readonly reason: SuppressionReason;
  readonly source: string;
  readonly recordedBy: string;
}

/** The addresses a profile is reached at by these channels are not used again. Answers how many were not known yet. */
export async function suppressProfile(sql: Sql | Tx, suppression: ProfileSuppression): Promise<number> {
  const { profileId, channels, scope, reason, source, recordedBy } = suppression;
  const columns = [
    ...new Set(channels.map((channel) => FINGERPRINT_COLUMN[channel]).filter((column) => column !== null)),
  ];
  if (columns.length === 0) return 0;
  const { count } = await sql`
    insert into suppressions (fingerprint, scope, reason, source, recorded_by)
    select distinct f.fingerprint, ${scope}, ${reason}, ${source}, ${recordedBy}
    from profiles p
    cross join lateral (values ('email_fp', p.email_fp), ('phone_fp', p.phone_fp), ('postal_fp', p.postal_fp)) f (kind, fingerprint)
    where p.id = ${profileId} and f.fingerprint is not null and f.kind = any(${columns}::text[])
    on conflict (fingerprint, scope) do nothing`;
  return count;
}
