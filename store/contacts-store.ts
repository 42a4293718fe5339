import type { ContactInput } from '../domain/frequency/contact';
import type { Sql } from './db';
import { resolveIdentities } from './profile-refs';

export type ContactRefusal = 'profile-unknown' | 'in-future';

export interface AppendedContacts {
  readonly accepted: number;
  /** Known by source and external id already, or twice in the same call. */
  readonly duplicates: number;
  readonly rejected: readonly { readonly index: number; readonly code: ContactRefusal }[];
}

/** Clocks and time zones differ by no more. A contact that lies ahead would hold a cap's slot longer than its window. */
const AHEAD_MS = 86_400_000;

/** Contacts other tools made; the gate counts them like our own. */
export function createContactsStore(sql: Sql, pepper: string) {
  return {
    /**
     * Up to CONTACTS_MAX in one statement, each once by source and external id. Nobody is locked: whoever is judged at
     * this moment was judged before we knew of the contact.
     */
    async append(contacts: readonly ContactInput[]): Promise<AppendedContacts> {
      const profiles = await resolveIdentities(
        sql,
        pepper,
        contacts.map((contact) => contact.profile),
      );
      const latest = Date.now() + AHEAD_MS;
      const rejected: { index: number; code: ContactRefusal }[] = [];
      const rows: Record<string, string | number | null>[] = [];
      contacts.forEach(({ source, externalId, at, nature, channel, department, format }, index) => {
        const found = profiles[index] ?? null;
        if (found === null) rejected.push({ index, code: 'profile-unknown' });
        else if (Date.parse(at) > latest) rejected.push({ index, code: 'in-future' });
        else
          rows.push({
            profile_id: found.id,
            original_id: found.originalId,
            at,
            nature,
            channel,
            department,
            source,
            format: format ?? null,
            external_id: externalId,
          });
      });
      const { count } = await sql`
        insert into contacts (profile_id, original_id, at, nature, channel, department, source, format, external_id)
        select profile_id, original_id, at, nature, channel, department, source, format, external_id
        from json_to_recordset(${JSON.stringify(rows)}::text::json) as x(profile_id bigint, original_id bigint, at timestamptz, nature text,
          channel text, department text, source text, format text, external_id text)
        order by source, external_id
        on conflict (source, external_id) where external_id is not null do nothing`;
      return { accepted: count, duplicates: rows.length - count, rejected };
    },
  };
}

export type ContactsStore = ReturnType<typeof createContactsStore>;
