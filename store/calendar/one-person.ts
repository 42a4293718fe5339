import type { Sql, Tx } from '../db';
import type { PlannedSpan } from './open-campaigns';
import { plannedCtes } from './planned-sql';

export interface PersonContact {
  readonly at: Date;
  readonly nature: string;
  readonly channel: string;
  readonly department: string;
  readonly format: string | null;
  readonly source: string;
  readonly campaignId: string | null;
}

export interface PersonPlanned {
  readonly expectedAt: Date;
  readonly campaignId: string;
  readonly step: string;
  readonly nature: string;
  readonly channel: string;
  readonly department: string;
  readonly format: string;
}

/** What one person got since a day, newest first, and is still to get, soonest first. */
export async function onePerson(
  sql: Sql | Tx,
  input: {
    readonly profileId: number;
    readonly since: Date;
    readonly spans: readonly PlannedSpan[];
    readonly now: Date;
  },
): Promise<{ contacts: PersonContact[]; planned: PersonPlanned[] }> {
  const [contacts, planned] = await Promise.all([
    sql<PersonContact[]>`
      select at, nature, channel, department, format, source, campaign_id as "campaignId" from contacts
      where profile_id = ${input.profileId} and at > ${input.since} order by at desc, id desc`,
    sql<PersonPlanned[]>`
      with ${plannedCtes(sql, input.spans, input.now, input.profileId)}
      select at as "expectedAt", campaign_id as "campaignId", step, nature, channel, department, format
      from planned order by at, campaign_id, step`,
  ]);
  return { contacts: [...contacts], planned: [...planned] };
}
