import type postgres from 'postgres';
import { BUCKETS } from '../../domain/campaigns/audience';
import type { Sql, Tx } from '../db';
import type { PlannedSpan } from './open-campaigns';

/**
 * Common table expressions that leave `planned (profile_id, at, campaign_id, step, department, channel, nature,
 * format)`: a row for each message an audience member is still to get. A contact that is reserved already is none of
 * them. `profileId`: of one person alone. Whom a later step is for is known once its condition is, so that of those it is the most there can be.
 */
export const plannedCtes = (
  sql: Sql | Tx,
  spans: readonly PlannedSpan[],
  now: Date,
  profileId?: number,
): postgres.Fragment => sql`
  span as materialized (
    select * from json_to_recordset(${JSON.stringify(spans)}::text::json) as x(campaign_id text, department text, step text,
      part text, nature text, channel text, format text, from_at timestamptz, until_at timestamptz, control_arms text[],
      follows text, after_states text[], after_seconds float8)
  ),
  planned as materialized (
    select m.profile_id, s.campaign_id, s.step, s.department, s.channel, s.nature, s.format,
      greatest(${now}::timestamptz, coalesce(d.not_before, coalesce(before.settled_at, before.not_before) + make_interval(secs => s.after_seconds),
        s.from_at + (s.until_at - s.from_at) * (m.bucket / ${BUCKETS}::float8))) as at
    from span s
    join audience_members m on m.campaign_id = s.campaign_id and m.part = s.part
    left join deliveries d
      on d.campaign_id = s.campaign_id and d.step = s.step and d.profile_id = m.profile_id
    left join deliveries before
      on before.campaign_id = s.campaign_id and before.step = s.follows and before.profile_id = m.profile_id
    where not coalesce(m.arm = any(s.control_arms), false)
      ${profileId === undefined ? sql`` : sql`and m.profile_id = ${profileId}`}
      and (d.profile_id is null or d.state = 'planned')
      and (s.follows is null or coalesce(before.state, 'planned') = any(s.after_states))
  )`;
