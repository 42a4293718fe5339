import type { ReadyEvent } from '../domain/events/check-event';
import type { ProfileRef } from '../domain/events/event';
import type { Sql } from './db';
import type { EventRow } from './events-append';
import { grouped } from './grouped';
import { createEventGroups } from './memberships/event-groups';
import { resolveIdentities } from './profile-refs';

export interface AppendedEvents {
  readonly accepted: number;
  /** Known by their id already, or twice in the same call. */
  readonly duplicates: number;
  readonly rejected: readonly { readonly index: number; readonly code: 'profile-unknown' }[];
}

export interface EventsStore {
  /**
   * Up to EVENTS_MAX events in one transaction, each once by its id; whom they are about is in the right segments once it
   * answers.
   */
  append(events: readonly ReadyEvent[]): Promise<AppendedEvents>;
}

export function createEventsStore(sql: Sql, pepper: string): EventsStore {
  const groups = createEventGroups(sql);
  const resolve = grouped(async (calls: readonly (readonly ProfileRef[])[]) => {
    const ids = await resolveIdentities(sql, pepper, calls.flat());
    let from = 0;
    return calls.map((refs) => ids.slice(from, (from += refs.length)));
  });
  return {
    append: async (events) => {
      const profiles = await resolve(events.map((e) => e.profile));
      const rejected: { index: number; code: 'profile-unknown' }[] = [];
      const rows = new Map<string, EventRow>();
      events.forEach((event, index) => {
        const profile = profiles[index] ?? null;
        if (profile === null) {
          rejected.push({ index, code: 'profile-unknown' });
          return;
        }
        if (rows.has(event.id)) return;
        rows.set(event.id, {
          id: event.id,
          profileId: profile.id,
          originalId: profile.originalId,
          type: event.type,
          at: event.at,
          valueCents: event.valueCents ?? null,
          currency: event.currency ?? (event.valueCents === undefined ? null : 'EUR'),
          properties: event.properties ?? {},
        });
      });
      const inserted = await groups.append([...rows.values()]);
      return {
        accepted: inserted.size,
        duplicates: events.length - rejected.length - inserted.size,
        rejected,
      };
    },
  };
}
