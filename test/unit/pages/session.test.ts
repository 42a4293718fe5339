import { describe, expect, test } from '@jest/globals';
import { cookieValue, openSession, sealSession, SESSION_SECONDS } from '../../../api/pages/session';

const now = 1_700_000_000;
const sealed = sealSession('secret-of-the-links', 'k1', now);

describe('session cookie', () => {
  test('opens for twelve hours, under the same secret', () => {
    expect(openSession('secret-of-the-links', sealed, now)).toBe('k1');
    expect(openSession('secret-of-the-links', sealed, now + SESSION_SECONDS - 1)).toBe('k1');
    expect(openSession('secret-of-the-links', sealed, now + SESSION_SECONDS)).toBeNull();
    expect(openSession('another', sealed, now)).toBeNull();
  });

  test.each([
    ['another key', sealed.replace('k1', 'k2')],
    ['a later end', sealed.replace(/\.\d+\./, '.9999999999.')],
    ['nothing', ''],
    ['a cut seal', sealed.slice(0, -1)],
  ])('refuses %s', (_what, changed) => expect(openSession('secret-of-the-links', changed, now)).toBeNull());

  test('finds one cookie among others', () => {
    expect(cookieValue('a=1; boucle_pages=x.y; b=2', 'boucle_pages')).toBe('x.y');
    expect(cookieValue('xboucle_pages=1', 'boucle_pages')).toBeNull();
    expect(cookieValue(undefined, 'boucle_pages')).toBeNull();
  });
});
