import { describe, expect, test } from '@jest/globals';
import { load } from 'cheerio';
import { renderUnsubscribePage } from '../../../api/pages/unsubscribe-page';

const base = {
  brandName: 'Maison Lumen',
  actionUrl: '/u/abc',
  purpose: 'promotion',
  channel: 'email',
  preferencesUrl: '/p/abc',
} as const;

describe('unsubscribe page', () => {
  test.each([
    ['fr', 'Se désabonner', 'Me désabonner'],
    ['fr-BE', 'Se désabonner', 'Me désabonner'],
    ['en-GB', 'Unsubscribe', 'Unsubscribe me'],
    ['de', 'Unsubscribe', 'Unsubscribe me'],
  ])('asks in %s with one button that posts', (locale, heading, button) => {
    const $ = load(renderUnsubscribePage({ ...base, state: 'ask', locale }));
    expect($('h1').text()).toBe(heading);
    expect($('form').attr()).toEqual({ method: 'post', action: '/u/abc' });
    expect(
      $('button')
        .map((_i, e) => $(e).text())
        .get(),
    ).toEqual([button]);
    expect($('a').attr('href')).toBe('/p/abc');
    expect($('html').attr('lang')).toBe(locale.startsWith('fr') ? 'fr' : 'en');
  });

  test('says what ends and by which channel', () => {
    const text = (state: 'ask' | 'done') =>
      load(renderUnsubscribePage({ ...base, state, purpose: 'newsletter', channel: 'sms', locale: 'en' }))(
        'main > p',
      ).text();
    expect(text('ask')).toContain('Confirm to get no more newsletters from Maison Lumen by text message.');
    expect(text('done')).toContain('You will get no more newsletters from Maison Lumen by text message.');
  });

  test.each([
    ['done', 'promotion'],
    ['unknown', null],
    ['ask', null],
  ] as const)('%s, of %s, has no button left to press', (state, purpose) => {
    const $ = load(renderUnsubscribePage({ ...base, preferencesUrl: null, state, purpose, locale: 'fr' }));
    expect($('form,button,a,script,img,link').length).toBe(0);
  });

  test('loads nothing and escapes the brand', () => {
    const $ = load(
      renderUnsubscribePage({
        ...base,
        state: 'ask',
        brandName: '<img src=x onerror=y>',
        actionUrl: '"><script>',
        locale: 'fr',
      }),
    );
    expect($('img,script,link').length).toBe(0);
    expect($('.brand').text()).toBe('<img src=x onerror=y>');
  });
});
