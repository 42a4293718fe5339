import { MESSAGE_EVENTS } from '../../domain/delivery/message-events';
import type { AgentKind } from '../../domain/delivery/agent-kind';
import type { Sql } from '../db';

export interface Click {
  readonly deliveryId: number;
  readonly linkIndex: number;
  readonly at: Date;
  readonly agent: AgentKind;
  /** Asked for with HEAD. */
  readonly head: boolean;
}

/** Links of one message followed within `scannerSeconds` of each other: more than this is nobody's reading. */
const BURST_LINKS = 3;
/** How long after a hand-over its row is settled at most, while its worker lives. */
const RECORDING_SECONDS = 10;

/**
 * Where each link leads, in the order asked; null: there is no such link. Two clicks of one link within the same second
 * are one (a double click).
 */
export async function writeClicks(
  sql: Sql,
  clicks: readonly Click[],
  scannerSeconds: number,
): Promise<(string | null)[]> {
  const asked = clicks.map(({ deliveryId, linkIndex, at, agent, head }, n) => ({
    n,
    delivery_id: deliveryId,
    link_index: linkIndex,
    at: at.toISOString(),
    agent,
    head: head || null,
  }));
  const rows = await sql<{ n: number; url: string }[]>`
    with asked as materialized (
      select * from json_to_recordset(${JSON.stringify(asked)}::text::json)
        as x(n int, delivery_id bigint, link_index int, at timestamptz, agent text, head boolean)
    ),
    found as materialized (
      select a.*, d.profile_id, d.campaign_id, d.step, d.arm, l.url, l.label,
        case a.agent when 'person' then 'click' else 'scan' end
          || format('.%s.%s.%s', a.delivery_id, a.link_index, floor(extract(epoch from a.at))) as id
      from asked a
      -- As an array, so that its length is taken for ten: of a record set's hundred the planner reads the whole table.
      join deliveries d on d.id = a.delivery_id and d.id = any(array(select delivery_id from asked))
      join creatives c on c.id = d.creative_id
      cross join lateral (
        select l.url, l.label from jsonb_to_recordset(c.links) as l(index int, url text, label text)
        where l.index = a.link_index limit 1
      ) l
    ),
    told as (
      insert into events (id, profile_id, type, at, campaign_id, delivery_id, properties)
      select id, profile_id, case agent when 'person' then ${MESSAGE_EVENTS.clicked} else ${MESSAGE_EVENTS.scanned} end,
        at, campaign_id, delivery_id, jsonb_strip_nulls(jsonb_build_object(
          'linkIndex', link_index, 'label', label, 'agent', agent, 'head', head, 'step', step, 'arm', arm))
      from found order by id
      on conflict (id) do nothing
    )
    select n, url from found`;
  if (rows.length > 0 && scannerSeconds > 0)
    await setScannersApart(sql, [...new Set(clicks.map((click) => click.deliveryId))], scannerSeconds);
  const urls = new Map(rows.map((row) => [row.n, row.url]));
  return clicks.map((_, n) => urls.get(n) ?? null);
}

/**
 * Takes back clicks that were judged a person's and turn out to be a scanner's, by their timing: within
 * `scannerSeconds` of the relay's acceptance (a push may well be tapped at once), after a HEAD of the same link, or in a burst of several distinct links. So
 * the first two clicks of a burst count for nobody either.
 *
 * A statement of its own after the clicks are committed, and not one transaction with them: of two processes that each
 * took a part of a burst, the one that looks last sees both parts, without a lock.
 */
async function setScannersApart(
  sql: Sql,
  deliveryIds: readonly number[],
  scannerSeconds: number,
): Promise<void> {
  // Bare parameters would be looked into, and each call planned anew for its own, which takes six times as long as it.
  await sql`
    with click as materialized (
      select e.id, e.delivery_id, e.at, e.type, e.properties ->> 'linkIndex' as link,
        coalesce((e.properties ->> 'head')::boolean, false) as head,
        case when d.state = 'accepted' and d.channel = 'email' then d.settled_at end as accepted_at
      from deliveries d join events e on e.profile_id = standing(d.profile_id) and e.delivery_id = d.id
        and e.type = any(array(select unnest(${[MESSAGE_EVENTS.clicked, MESSAGE_EVENTS.scanned]}::text[])))
      where d.id = any(array(select unnest(${[...deliveryIds]}::bigint[])))
    ),
    span as materialized (select make_interval(secs => ${scannerSeconds}::float8) as within),
    burst as materialized (
      select s.delivery_id, s.at
      from click s cross join span join click o on o.delivery_id = s.delivery_id and o.at >= s.at and o.at <= s.at + within
      group by s.delivery_id, s.id, s.at having count(distinct o.link) >= ${BURST_LINKS}
    ),
    judged as materialized (
      select c.id, c.type, case
        when c.at < c.accepted_at + within and c.at > c.accepted_at - make_interval(secs => ${RECORDING_SECONDS}) then 'too-soon'
        when exists (select from click h where h.delivery_id = c.delivery_id and h.link = c.link and h.head
          and h.at <= c.at and h.at > c.at - within) then 'after-head'
        when exists (select from burst b where b.delivery_id = c.delivery_id and b.at <= c.at and b.at >= c.at - within) then 'burst'
      end as why
      from click c cross join span where c.type = ${MESSAGE_EVENTS.clicked}
    )
    update events e set type = ${MESSAGE_EVENTS.scanned},
      properties = e.properties || jsonb_build_object('agent', 'robot', 'why', j.why)
    from judged j where j.why is not null and e.id = j.id and e.type = j.type`;
}
