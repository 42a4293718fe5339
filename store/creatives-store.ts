import { FIRST_STEP, MESSAGE_STEP } from '../domain/campaigns/steps';
import type { Finding } from '../domain/creatives/check';
import type { CreativeLink, CreativeMeta } from '../domain/creatives/creative';
import type { PersonaRow } from '../domain/creatives/persona-row';
import { BoucleError } from '../domain/shared/errors';
import type { Channel } from '../domain/shared/words';
import { revise, type Revision } from './creative-revision';
import type { Sql } from './db';
import { matrixInUse } from './persona-matrix/in-use';

export interface CreativeRow {
  readonly creativeId: number;
  readonly step: string;
  readonly persona: string;
  readonly arm: string;
  readonly channel: Channel;
  readonly locale: string;
  readonly revision: number;
  readonly hash: string;
  readonly subject: string;
  readonly preheader: string;
  readonly html: string;
  readonly text: string;
  /** null: a channel without pictures. */
  readonly heroSha: string | null;
  readonly heroIsFallback: boolean;
  readonly links: readonly CreativeLink[];
  readonly meta: CreativeMeta;
  readonly status: 'rendered' | 'passed' | 'reject';
  readonly comment: string | null;
}

export interface NewCreative extends Omit<CreativeRow, 'creativeId' | 'revision' | 'comment'> {
  readonly campaignId: string;
  readonly findings: readonly Finding[];
}

/** Latest revision of each step × channel × persona × arm; what is sent, shown and approved is always this. */
export function createCreativesStore(sql: Sql) {
  const columns = sql`
    c.id as "creativeId", c.step, c.persona, c.arm, c.channel, c.locale, c.revision, c.hash, c.subject, c.preheader,
    c.html, c.text, c.hero as "heroSha", c.hero_is_fallback as "heroIsFallback", c.links, c.meta, c.status, c.comment`;

  const latest = async (campaignId: string): Promise<CreativeRow[]> => {
    const rows = await sql<CreativeRow[]>`
      select distinct on (c.step, c.persona, c.arm, c.channel, c.locale) ${columns}
      from creatives c where c.campaign_id = ${campaignId}
      order by c.step, c.persona, c.arm, c.channel, c.locale, c.revision desc`;
    return [...rows];
  };

  return {
    latest,

    /** What may be sent: latest revisions that passed. Someone whose creative is not among them gets nothing. */
    forSending: async (
      campaignId: string,
      step: string,
    ): Promise<(CreativeRow & { readonly unitMicros: number })[]> =>
      (await latest(campaignId))
        .filter(
          (c) => c.step === (step.startsWith(MESSAGE_STEP) ? FIRST_STEP : step) && c.status === 'passed',
        )
        .map((c) => ({ ...c, unitMicros: c.meta.unitMicros ?? 0 })),

    /** Latest revisions with their findings, most severe first. */
    async list(campaignId: string): Promise<(CreativeRow & { findings: Finding[] })[]> {
      const creatives = await latest(campaignId);
      const ids = creatives.map((c) => c.creativeId);
      const findings = await sql<(Finding & { creativeId: number })[]>`
        select creative_id as "creativeId", "check", severity, message, path from findings
        where creative_id = any(${ids}) order by severity, "check", message`;
      return creatives.map((c) => ({
        ...c,
        findings: findings.filter((f) => f.creativeId === c.creativeId),
      }));
    },

    async get(creativeId: number): Promise<(CreativeRow & { campaignId: string }) | null> {
      const [row] = await sql<(CreativeRow & { campaignId: string })[]>`
        select ${columns}, c.campaign_id as "campaignId" from creatives c where c.id = ${creativeId}`;
      return row ?? null;
    },

    /** Rows of the matrix version the campaign was started with. */
    async personaRows(campaignId: string): Promise<PersonaRow[]> {
      const rows = await sql<PersonaRow[]>`
        select r.segment_id as "segmentId", r.key_message as "keyMessage", r.visual_guideline as "visualGuideline", r.offer_code as "offerCode"
        from persona_matrix_rows r join campaigns c on c.matrix_version = r.version
        where c.id = ${campaignId} order by r.ordinal`;
      return [...rows];
    },

    /** Rows of the matrix in use, for a dry run. */
    async latestPersonaRows(): Promise<PersonaRow[]> {
      const rows = await sql<PersonaRow[]>`
        select segment_id as "segmentId", key_message as "keyMessage", visual_guideline as "visualGuideline", offer_code as "offerCode"
        from persona_matrix_rows where version = ${matrixInUse(sql)} order by ordinal`;
      return [...rows];
    },

    async noteBlob(sha256: string, contentType: string, bytes: number): Promise<void> {
      await sql`
        insert into blobs (sha256, content_type, bytes) values (${sha256}, ${contentType}, ${bytes}) on conflict do nothing`;
    },

    /**
     * Stores a revision and its findings. The same hash as the latest revision is that revision: nothing is written
     * and its id is answered, so that rendering again is safe.
     */
    async save(creative: NewCreative): Promise<number> {
      return sql.begin(async (tx) => {
        await tx`select 1 from campaigns where id = ${creative.campaignId} for no key update`;
        const [last] = await tx<{ id: number; revision: number; hash: string }[]>`
          select id, revision, hash from creatives
          where campaign_id = ${creative.campaignId} and step = ${creative.step} and persona = ${creative.persona}
            and arm = ${creative.arm} and channel = ${creative.channel} and locale = ${creative.locale}
          order by revision desc limit 1`;
        if (last?.hash === creative.hash) return last.id;
        const [row] = await tx<{ id: number }[]>`
          insert into creatives (campaign_id, step, persona, arm, channel, locale, revision, hash, subject, preheader, html, text, hero, hero_is_fallback, links, meta, status)
          values (${creative.campaignId}, ${creative.step}, ${creative.persona}, ${creative.arm}, ${creative.channel}, ${creative.locale},
            ${(last?.revision ?? 0) + 1}, ${creative.hash}, ${creative.subject}, ${creative.preheader}, ${creative.html}, ${creative.text},
            ${creative.heroSha}, ${creative.heroIsFallback}, ${tx.json(creative.links.map((l) => ({ ...l })))}, ${JSON.stringify(creative.meta)}::text::jsonb, ${creative.status})
          returning id`;
        if (row === undefined) throw new BoucleError('internal', 'The creative was not stored.');
        for (const { check, severity, message, path } of creative.findings) {
          await tx`
            insert into findings (creative_id, "check", severity, message, path)
            values (${row.id}, ${check}, ${severity}, ${message}, ${path ?? null}) on conflict do nothing`;
        }
        return row.id;
      });
    },

    /** Throws not-found, conflict, campaign-ended. */
    revise: (campaignId: string, revision: Revision): Promise<void> => revise(sql, campaignId, revision),

    /**
     * What an approval is bound to besides the creatives; null before the audience is frozen. An audience that has
     * grown since, by no more than its tolerance, is the approved one still; beyond it needs another approval.
     */
    async approvalSubject(
      campaignId: string,
    ): Promise<{ definition: string; members: number; scenario: unknown } | null> {
      const [row] = await sql<{ definition: string; members: number; scenario: unknown }[]>`
        select a.definition_sha256 as definition, c.scenario,
          case
            when c.approved_members is null then a.members
            when coalesce(c.scenario ->> 'kind', 'batch') <> 'batch' then c.approved_members
            when a.members <= c.approved_members * (1 + coalesce((c.scenario #>> '{approval,tolerance}')::numeric, 0)) then c.approved_members
            else a.members end as members
        from campaigns c join audiences a on a.campaign_id = c.id where c.id = ${campaignId}`;
      return row ?? null;
    },

    async findingsCount(campaignId: string): Promise<number> {
      const ids = (await latest(campaignId)).map((c) => c.creativeId);
      const [row] = await sql<
        { n: number }[]
      >`select count(*) as n from findings where creative_id = any(${ids})`;
      return row?.n ?? 0;
    },
  };
}

export type CreativesStore = ReturnType<typeof createCreativesStore>;
