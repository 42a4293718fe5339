import { describe, expect, test } from '@jest/globals';
import { load } from 'cheerio';
import { renderUnsubscribePage } from '../../../api/pages/unsubscribe-page';

const base = { brandName: 'Maison Lumen', actionUrl: '/u/abc' };

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
    expect($('html').attr('lang')).toBe(locale.startsWith('fr') ? 'fr' : 'en');
  });

  test.each(['done', 'unknown'] as const)('%s has nothing left to press', (state) => {
    const $ = load(renderUnsubscribePage({ ...base, state, locale: 'fr' }));
    expect($('form,button,a,script,img,link').length).toBe(0);
  });

  test('loads nothing and escapes the brand', () => {
    const $ = load(
      renderUnsubscribePage({
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
