import { CONTACT_PURPOSES, MARKETING_PURPOSES } from '../domain/consent/consent';
import type { Preferences } from '../domain/consent/preferences';
import { holdsAt, type ConsentState } from '../domain/consent/replay';
import { CHANNELS, type Channel, type Purpose } from '../domain/shared/words';
import { appendConsentRows, endConsents, type ConsentEnd } from './consent-append';
import { consentStates, keepWordings, wordingOf } from './consent-store';
import type { Sql } from './db';
import { putPreferences, readPreferences, type KeptPreferences } from './preferences-store';

/** Recorded as the source of whatever is said on the page. */
export const PREFERENCE_PAGE = 'preference-page';

/** Whose page a link opens, and in whose name. */
export interface PageOwner {
  readonly deliveryId: number;
  readonly profileId: number;
  readonly campaignId: string;
  readonly brand: string;
  readonly locale: string;
}

export interface PageContent extends PageOwner {
  readonly consents: readonly ConsentState[];
  readonly preferences: KeptPreferences;
  /** Channels there is an address for, or that something was said about. */
  readonly channels: readonly Channel[];
}

export interface PageChange {
  /** With the words beside the box that was ticked. */
  readonly granted: readonly {
    readonly purpose: Purpose;
    readonly channel: Channel;
    readonly wording: string;
  }[];
  readonly withdrawn: readonly { readonly purpose: Purpose; readonly channel: Channel }[];
  /** null: as they were. */
  readonly preferences: Preferences | null;
}

/** What a person sees and says on the preference page of a message they got. */
export function createPreferencePageStore(sql: Sql) {
  return {
    /** null: no such message, or the person is gone. */
    async content(deliveryId: number): Promise<PageContent | null> {
      const [row] = await sql<(PageOwner & Record<'email' | 'phone' | 'postal' | 'push', boolean>)[]>`
        select d.id as "deliveryId", p.id as "profileId", d.campaign_id as "campaignId", c.scenario->>'brand' as brand,
          c.scenario->>'locale' as locale, p.email_fp is not null as email, p.phone_fp is not null as phone,
          p.postal_fp is not null as postal,
          exists (select from devices v where v.profile_id = p.id and v.revoked_at is null) as push
        from deliveries d join campaigns c on c.id = d.campaign_id join profiles p on p.id = d.profile_id
        where d.id = ${deliveryId}`;
      if (row === undefined) return null;
      const { email, phone, postal, push, ...owner } = row;
      const preferences = await readPreferences(sql, owner.profileId);
      if (preferences === null) return null;
      const said = await consentStates(sql, owner.profileId);
      const reachable: Record<Channel, boolean> = {
        email,
        sms: phone,
        push,
        'in-app': false,
        letter: postal,
        'e-letter': false,
      };
      const contact = new Set<string>(CONTACT_PURPOSES);
      const named = new Set(said.filter(({ purpose }) => contact.has(purpose)).map(({ channel }) => channel));
      return {
        ...owner,
        consents: said,
        preferences,
        channels: CHANNELS.filter((channel) => reachable[channel] || named.has(channel)),
      };
    },

    /** Everything the person changed, in one transaction. What stands so already is not said again. */
    async save(owner: PageOwner, change: PageChange): Promise<void> {
      const proof = proofOf(owner);
      await sql.begin(async (tx) => {
        const held = await consentStates(tx, owner.profileId);
        const now = Date.now();
        const granted = change.granted.flatMap((one) => {
          const state = held.find((s) => s.purpose === one.purpose && s.channel === one.channel);
          if (holdsAt(state, new Date(now))) return [];
          // Said after whatever it lifts, also where that was dated ahead of our clock.
          const at = new Date(Math.max(now, (state?.at.getTime() ?? 0) + 1)).toISOString();
          return [{ ...one, at, wording: wordingOf(one.wording, owner.locale) }];
        });
        await keepWordings(
          tx,
          granted.map(({ wording }) => wording),
        );
        await appendConsentRows(
          tx,
          granted.map(({ purpose, channel, at, wording }) => ({
            ...proof,
            purpose,
            channel,
            action: 'granted',
            at,
            fallbackAt: at,
            expiresAt: null,
            wordingSha256: wording.sha256,
            locale: owner.locale,
          })),
        );
        await endConsents(
          tx,
          change.withdrawn.map((one): ConsentEnd => ({ ...proof, ...one, action: 'withdrawn' })),
        );
        if (change.preferences !== null)
          await putPreferences(tx, owner.profileId, change.preferences, PREFERENCE_PAGE);
      });
    },

    /** No marketing by any channel, no profiling, no opens seen: each put on record. */
    async everythingOff(owner: PageOwner): Promise<void> {
      const proof = proofOf(owner);
      await endConsents(sql, [
        ...MARKETING_PURPOSES.flatMap((purpose) =>
          CHANNELS.map((channel): ConsentEnd => ({ ...proof, purpose, channel, action: 'withdrawn' })),
        ),
        { ...proof, purpose: 'email-open-tracking', channel: 'email', action: 'withdrawn' },
      ]);
    },
  };
}

export type PreferencePageStore = ReturnType<typeof createPreferencePageStore>;

const proofOf = ({ profileId, deliveryId, campaignId }: PageOwner) => ({
  profileId,
  source: PREFERENCE_PAGE,
  evidence: { deliveryId, campaignId },
  recordedBy: 'recipient',
});
