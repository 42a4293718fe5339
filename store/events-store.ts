import type { EventInput } from '../domain/events/event';
import type { Sql } from './db';
import { appendEventRows, type EventRow } from './events-append';
import { resolveProfileRefs } from './profile-refs';

export interface AppendedEvents {
  readonly accepted: number;
  /** Known by their id already, or twice in the same call. */
  readonly duplicates: number;
  readonly rejected: readonly { readonly index: number; readonly code: 'profile-unknown' }[];
}

export interface EventsStore {
  /** Up to EVENTS_MAX events in one transaction, each once by its id. */
  append(events: readonly EventInput[]): Promise<AppendedEvents>;
}

export function createEventsStore(sql: Sql, pepper: string): EventsStore {
  return {
    append: async (events) => {
      const profiles = await resolveProfileRefs(
        sql,
        pepper,
        events.map((e) => e.profile),
      );
      const rejected: { index: number; code: 'profile-unknown' }[] = [];
      const rows = new Map<string, EventRow>();
      events.forEach((event, index) => {
        const profileId = profiles[index] ?? null;
        if (profileId === null) {
          rejected.push({ index, code: 'profile-unknown' });
          return;
        }
        if (rows.has(event.id)) return;
        rows.set(event.id, {
          id: event.id,
          profileId,
          type: event.type,
          at: event.at,
          valueCents: event.valueCents ?? null,
          currency: event.currency ?? (event.valueCents === undefined ? null : 'EUR'),
          properties: event.properties ?? {},
        });
      });
      const inserted = await appendEventRows(sql, [...rows.values()]);
      return {
        accepted: inserted.size,
        duplicates: events.length - rejected.length - inserted.size,
        rejected,
      };
    },
  };
}
