import { CONTACT_PURPOSES } from '../../domain/consent/consent';
import { FREQUENCY_NAMES, frequencyOf, PAUSES } from '../../domain/consent/preferences';
import { holdsAt } from '../../domain/consent/replay';
import type { PageContent } from '../../store/preference-page-store';
import { ASKED, CHANNEL_WORDS, TRACKING_ASKED } from './consent-words';
import { html, type Html } from './html';
import { consentBoxes, hoursOf, KEEP, preferable } from './preferences-form';
import { PREFERENCES_WORDS } from './preferences-words';
import { langOf, recipientPage, type Lang } from './recipient-page';

export interface PreferencesPage {
  readonly content: PageContent;
  readonly brandName: string;
  readonly topics: readonly { readonly key: string; readonly fr: string; readonly en: string }[];
  readonly actionUrl: string;
  /** What was done just now. */
  readonly done: 'saved' | 'off' | null;
  readonly now: Date;
}

/**
 * What somebody receives, how often, by which way, and a pause: one form without a script, whose boxes show what holds
 * at this moment; and one button that ends it all.
 */
export function renderPreferencesPage(page: PreferencesPage): string {
  const lang = langOf(page.content.locale);
  const words = PREFERENCES_WORDS[lang];
  return recipientPage({
    lang,
    brandName: page.brandName,
    heading: words.heading,
    wide: true,
    body: html`${page.done !== null && html`<p class="note" role="status">${words[page.done]}</p>`}
      <p>${words.intro(page.brandName)}</p>
      <form method="post" action="${page.actionUrl}">
        ${consents(page, lang)} ${topics(page, lang)} ${frequency(page, lang)} ${how(page, lang)}
        ${pause(page, lang)}
        <button type="submit">${words.save}</button>
      </form>
      <form method="post" action="${page.actionUrl}">
        <p class="hint" id="nothing"><strong>${words.nothing.title}.</strong> ${words.nothing.hint}</p>
        <input type="hidden" name="everything" value="off" />
        <button class="quiet" type="submit" aria-describedby="nothing">${words.nothing.button}</button>
      </form>`,
  });
}

export const renderUnknownPreferences = (): string => {
  const { heading, text } = PREFERENCES_WORDS.fr.unknown;
  return recipientPage({ lang: 'fr', brandName: '', heading, body: html`<p>${text}</p>` });
};

function consents({ content, brandName, now }: PreferencesPage, lang: Lang): Html {
  const words = PREFERENCES_WORDS[lang];
  const boxes = consentBoxes(content, brandName).map((box) => ({
    ...box,
    on: holdsAt(
      content.consents.find(({ purpose, channel }) => purpose === box.purpose && channel === box.channel),
      now,
    ),
  }));
  const tracking = TRACKING_ASKED[lang](brandName);
  const box = ({ value, on }: (typeof boxes)[number], label: string): Html =>
    html`<label
      ><input type="checkbox" name="consent" value="${value}" ${on && html` checked`} />${label}</label
    >`;
  const group = (title: string, hint: string, name: string, inside: readonly Html[]): Html =>
    html`<fieldset aria-describedby="${name}">
      <legend>${title}</legend>
      <p class="hint" id="${name}">${hint}</p>
      <div class="choices">${inside}</div>
    </fieldset> `;
  return html`<fieldset>
    <legend>${words.subjects.title}</legend>
    <p class="hint">${words.subjects.hint}</p>
    ${boxes.filter(({ on }) => on).map(({ value }) => html`<input type="hidden" name="was" value="${value}" />`)}
    ${CONTACT_PURPOSES.map((purpose) => {
      const { title, hint } = ASKED[lang][purpose](brandName);
      const own = boxes.filter((one) => one.purpose === purpose);
      return (
        own.length > 0 &&
        group(
          title,
          hint,
          purpose,
          own.map((one) => box(one, CHANNEL_WORDS[lang][one.channel].name)),
        )
      );
    })}
    ${boxes
      .filter(({ purpose }) => purpose === 'email-open-tracking')
      .map((one) => group(tracking.title, tracking.hint, 'tracking', [box(one, tracking.label)]))}
  </fieldset>`;
}

const topics = ({ content, topics: offered }: PreferencesPage, lang: Lang): Html => {
  const words = PREFERENCES_WORDS[lang].topics;
  const refused = new Set(content.preferences.refusedTopics);
  return html`<fieldset>
    <legend>${words.title}</legend>
    <p class="hint">${words.hint}</p>
    <div class="choices stacked">
      ${offered.map(
        (topic) =>
          html`<label
            ><input
              type="checkbox"
              name="topic"
              value="${topic.key}"
              ${!refused.has(topic.key) && html` checked`}
            />${topic[lang]}</label
          > `,
      )}
    </div>
  </fieldset>`;
};

const radio = (name: string, value: string, label: string, on: boolean): Html =>
  html`<label
    ><input type="radio" name="${name}" value="${value}" ${on && html` checked`} />${label}</label
  > `;

const frequency = ({ content: { preferences } }: PreferencesPage, lang: Lang): Html => {
  const words = PREFERENCES_WORDS[lang];
  const { newsletter } = preferences;
  const chosen = frequencyOf(preferences);
  return html`<fieldset>
    <legend>${words.frequency.title}</legend>
    <div class="choices stacked">
      ${newsletter !== null && chosen === null && radio('frequency', KEEP, words.frequency.as(newsletter.limit, newsletter.days), true)}${radio('frequency', 'usual', words.frequency.usual, newsletter === null)}${FREQUENCY_NAMES.map((name) => radio('frequency', name, words.frequencies[name], name === chosen))}
    </div>
  </fieldset>`;
};

const pause = ({ content: { preferences }, now }: PreferencesPage, lang: Lang): Html => {
  const words = PREFERENCES_WORDS[lang];
  const until = preferences.pausedUntil;
  const paused = until !== null && until > now;
  const day = (at: Date): string =>
    at.toLocaleDateString(lang === 'fr' ? 'fr-FR' : 'en-GB', { dateStyle: 'long', timeZone: 'Europe/Paris' });
  return html`<fieldset aria-describedby="pause">
    <legend>${words.pause.title}</legend>
    <p class="hint" id="pause">${words.pause.hint}</p>
    <div class="choices stacked">
      ${paused && radio('pause', KEEP, words.pause.until(day(until)), true)}${radio('pause', 'none', words.pause.none, !paused)}${PAUSES.map((name) => radio('pause', name, words.pauses[name], false))}
    </div>
  </fieldset>`;
};

const how = ({ content }: PreferencesPage, lang: Lang): Html => {
  const { preferences } = content;
  const { how: words } = PREFERENCES_WORDS[lang];
  const option = (value: string, label: string, on: boolean): Html =>
    html`<option value="${value}" ${on && html` selected`}>${label}</option>`;
  return html`<fieldset>
    <legend>${words.title}</legend>
    <label class="field"
      ><span>${words.channel}</span
      ><select name="channel">
        ${option('', words.any, preferences.preferredChannel === null)}${preferable(content).map((channel) => option(channel, CHANNEL_WORDS[lang][channel].name, channel === preferences.preferredChannel))}
      </select></label
    >
    <label class="field"
      ><span>${words.hour}</span
      ><select name="hour">
        ${option('', words.any, preferences.sendHour === null)}${hoursOf(preferences).map((hour) => option(String(hour), words.at(hour), hour === preferences.sendHour))}
      </select></label
    >
  </fieldset>`;
};
