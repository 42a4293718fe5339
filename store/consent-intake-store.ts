import type { ConsentEvent } from '../domain/consent/consent';
import type { ConsentInput } from '../domain/consent/consent-input';
import { appendConsentRows, type ConsentRow } from './consent-append';
import { consentRow, keepWordings, wordingOf, type Wording } from './consent-store';
import type { Sql } from './db';
import { resolveIdentities } from './profile-refs';

export interface ConsentRefusal {
  readonly index: number;
  readonly code: 'profile-unknown' | 'in-future' | 'wording-unknown';
  /** The member at fault. */
  readonly field: 'profile' | 'at' | 'wordingSha256';
}

export interface TakenConsents {
  readonly accepted: number;
  /** On record already, by their id or word for word. */
  readonly duplicates: number;
  readonly rejected: readonly ConsentRefusal[];
}

/** Clocks and time zones differ by no more. */
const AHEAD_MS = 86_400_000;
const NO_LOCALE = 'und';

/** Consents as others tell them: by the keys they know people by, with the words they showed. */
export function createConsentIntakeStore(sql: Sql, pepper: string) {
  const wordingsKnown = async (sha256s: readonly string[]): Promise<Set<string>> => {
    const rows = await sql<
      { sha256: string }[]
    >`select sha256 from consent_wordings where sha256 = any(${[...sha256s]}::text[])`;
    return new Set(rows.map((row) => row.sha256));
  };

  return {
    /** Those that fit in one transaction; one that does not takes no other with it. */
    async take(consents: readonly ConsentInput[], recordedBy: string): Promise<TakenConsents> {
      const profiles = await resolveIdentities(
        sql,
        pepper,
        consents.map(({ profile }) => profile),
      );
      const known = await wordingsKnown(
        consents.flatMap(({ wordingSha256 }) => (wordingSha256 === undefined ? [] : [wordingSha256])),
      );
      const now = new Date();
      const rejected: ConsentRefusal[] = [];
      const wordings: Wording[] = [];
      const rows: ConsentRow[] = [];
      consents.forEach((consent, index) => {
        const { profile: _, id, wording, wordingSha256, at = now.toISOString(), ...said } = consent;
        const found = profiles[index] ?? null;
        if (found === null) {
          rejected.push({ index, code: 'profile-unknown', field: 'profile' });
        } else if (Date.parse(at) > now.getTime() + AHEAD_MS) {
          rejected.push({ index, code: 'in-future', field: 'at' });
        } else if (wordingSha256 !== undefined && !known.has(wordingSha256)) {
          rejected.push({ index, code: 'wording-unknown', field: 'wordingSha256' });
        } else {
          const kept = wording === undefined ? null : wordingOf(wording, said.locale ?? NO_LOCALE);
          if (kept !== null) wordings.push(kept);
          const sha256 = kept?.sha256 ?? wordingSha256;
          const event: ConsentEvent = {
            ...withoutUndefined(said),
            profileId: found.id,
            at,
            recordedBy,
            ...(id === undefined ? {} : { externalId: id }),
            ...(sha256 === undefined ? {} : { wordingSha256: sha256 }),
          };
          rows.push({ ...consentRow(event), originalId: found.originalId });
        }
      });
      const accepted = await sql.begin(async (tx) => {
        await keepWordings(tx, wordings);
        return appendConsentRows(tx, rows);
      });
      return { accepted, duplicates: rows.length - accepted, rejected };
    },
  };
}

export type ConsentIntakeStore = ReturnType<typeof createConsentIntakeStore>;

type Said = Pick<
  ConsentInput,
  'purpose' | 'channel' | 'action' | 'source' | 'legalBasis' | 'expiresAt' | 'locale' | 'evidence'
>;

const withoutUndefined = ({ expiresAt, locale, evidence, ...said }: Said) => ({
  ...said,
  ...(expiresAt === undefined ? {} : { expiresAt }),
  ...(locale === undefined ? {} : { locale }),
  ...(evidence === undefined ? {} : { evidence }),
});
