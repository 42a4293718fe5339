import type { ExplanationFacts } from '../../domain/delivery/explanation-facts';
import { reasonParts } from '../../domain/delivery/reason-words';
import type { Tx } from '../db';
import { createPoliciesStore } from '../policies-store';

/** Contacts that a cap may have counted, at most. */
const SHOWN = 20;
/** How far a cap of the calendar looks back at most. */
const CALENDAR_DAYS = { day: 1, week: 7, month: 31 } as const;

/** A time at which a cap held somebody back. */
export interface HeldByCap {
  readonly reason: string;
  readonly at: Date;
}

/** The caps that held somebody back, as they stand now, with the contacts of their window at that time. */
export async function capFacts(
  tx: Tx,
  profileId: number,
  held: readonly HeldByCap[],
): Promise<ExplanationFacts['caps']> {
  const known = await createPoliciesStore(tx).list('cap');
  const facts: ExplanationFacts['caps'][number][] = [];
  for (const { reason, at } of held) {
    const { code, detail } = reasonParts(reason);
    if (code !== 'cap' || detail === null) continue;
    const cap = known[detail];
    const days = cap?.windowDays ?? CALENDAR_DAYS[cap?.calendar ?? 'month'];
    const rows = await tx<
      { at: Date; nature: string; channel: string; department: string; campaignId: string | null }[]
    >`
      select at, nature, channel, department, campaign_id as "campaignId" from contacts
      where profile_id in (${profileId}, standing(${profileId})) and at <= ${at} and at > ${at}::timestamptz - make_interval(days => ${days})
      order by at desc limit ${SHOWN}`;
    facts.push({
      key: detail,
      at,
      limit: cap?.limit ?? null,
      windowDays: cap?.windowDays ?? null,
      contacts: [...rows],
    });
  }
  return facts;
}
