import { load } from 'cheerio';
import { changeOf, consentBoxes } from '../../../api/pages/preferences-form';
import { renderPreferencesPage } from '../../../api/pages/preferences-page';
import { loadTopics } from '../../../config/policies/topics';
import { FREQUENCIES, NO_PREFERENCES, pauseEnd, type Preferences } from '../../../domain/consent/preferences';
import type { PageContent } from '../../../store/preference-page-store';

const NOW = new Date('2026-01-31T10:00:00Z');
const topics = loadTopics();

const content = (change: Partial<PageContent> = {}, preferences: Partial<Preferences> = {}): PageContent => ({
  deliveryId: 1,
  profileId: 2,
  campaignId: 'c',
  brand: 'maison-lumen',
  locale: 'fr',
  channels: ['email', 'sms'],
  consents: [
    { purpose: 'promotion', channel: 'email', granted: true, expiresAt: null, at: NOW, eventId: 1 },
    { purpose: 'newsletter', channel: 'email', granted: true, expiresAt: NOW, at: NOW, eventId: 2 },
  ],
  preferences: { ...NO_PREFERENCES, updatedAt: null, updatedBy: null, ...preferences },
  ...change,
});
const shown = (of: PageContent) =>
  load(
    renderPreferencesPage({
      content: of,
      brandName: 'Maison Lumen',
      topics,
      actionUrl: '/p/x',
      done: null,
      now: NOW,
    }),
  );

/** What a browser sends when the first form is submitted as it stands, with some fields changed by hand. */
function submitted(
  of: PageContent,
  change: (form: URLSearchParams) => void = () => undefined,
): URLSearchParams {
  const $ = shown(of);
  const fields = $('form').first().serializeArray();
  const form = new URLSearchParams(fields.map(({ name, value }) => [name, value]));
  change(form);
  return form;
}
const change = (of: PageContent, by?: (form: URLSearchParams) => void) =>
  changeOf(submitted(of, by), of, 'Maison Lumen', topics, NOW);

test('sent as it was shown, it changes nothing', () => {
  for (const preferences of [
    {},
    { pausedUntil: new Date('2026-02-10T00:00:00Z'), refusedTopics: ['gone-topic', 'sales'], sendHour: 5 },
    { newsletter: { limit: 2, days: 10 }, preferredChannel: 'letter' as const },
    { newsletter: FREQUENCIES.monthly },
  ]) {
    const of = content({}, preferences);
    const { updatedAt: _, updatedBy: __, ...held } = of.preferences;
    expect(change(of)).toEqual({ granted: [], withdrawn: [], preferences: held });
  }
});

test('ticks what holds now: a consent that is over is not ticked', () => {
  const $ = shown(content());
  const ticked = $('input[name=consent]:checked')
    .map((_i, box) => $(box).attr('value'))
    .get();
  expect(ticked).toEqual(['promotion.email']);
});

test('a box ticked is granted with the words beside it, one unticked withdrawn', () => {
  const { granted, withdrawn } = change(content(), (form) => {
    form.delete('consent');
    form.append('consent', 'newsletter.sms');
    form.append('consent', 'email-open-tracking.email');
  });
  expect(granted.map(({ purpose, channel }) => `${purpose} ${channel}`)).toEqual([
    'newsletter sms',
    'email-open-tracking email',
  ]);
  expect(withdrawn.map(({ purpose, channel }) => `${purpose} ${channel}`)).toEqual(['promotion email']);
  const text = shown(content())('main').text();
  for (const line of granted.flatMap(({ wording }) => wording.split('\n'))) expect(text).toContain(line);
});

test('a page left open gives nothing back that was withdrawn meanwhile', () => {
  const form = submitted(content());
  const now = content({ consents: [] });
  expect(changeOf(form, now, 'Maison Lumen', topics, NOW)).toMatchObject({ granted: [], withdrawn: [] });
});

test('what is no choice of the page changes nothing', () => {
  const { granted, preferences } = change(content(), (form) => {
    for (const value of ['service.email', 'promotion.letter', '__proto__', '']) form.append('consent', value);
    form.set('channel', 'pigeon');
    form.set('hour', '3');
    form.set('frequency', 'hourly');
    form.set('pause', 'for-ever');
  });
  expect(granted).toEqual([]);
  expect(preferences).toMatchObject(NO_PREFERENCES);
});

test.each([
  ['week', '2026-02-07T10:00:00.000Z'],
  ['month', '2026-02-28T10:00:00.000Z'],
  ['quarter', '2026-04-30T10:00:00.000Z'],
] as const)('a pause of a %s from 31 January ends at %s', (pause, end) => {
  expect(pauseEnd(pause, NOW).toISOString()).toBe(end);
  expect(change(content(), (form) => form.set('pause', pause)).preferences?.pausedUntil?.toISOString()).toBe(
    end,
  );
});

test('frequencies, topics, channel and hour are kept as wishes', () => {
  const { preferences } = change(content(), (form) => {
    form.set('frequency', 'weekly');
    form.set('channel', 'sms');
    form.set('hour', '18');
    form.delete('topic', 'sales');
  });
  expect(preferences).toEqual({
    pausedUntil: null,
    preferredChannel: 'sms',
    refusedTopics: ['sales'],
    newsletter: { limit: 1, days: 7 },
    sendHour: 18,
  });
});

test('a channel nobody can be reached by is not offered, opens only with e-mail', () => {
  const values = consentBoxes({ channels: ['sms'], locale: 'en' }, 'Maison').map(({ value }) => value);
  expect(values).toEqual(['promotion.sms', 'newsletter.sms', 'survey.sms']);
});
