import { describe, expect, test } from '@jest/globals';
import { signSlackRequest, verifySlackSignature } from '../../../adapters/slack/signature';

/** The example of Slack's page "Verifying requests from Slack". */
const documented = {
  secret: '8f742231b10e8888abcd99yyyzzz85a5',
  timestamp: '1531420618',
  body:
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar' +
    '&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com' +
    '%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
};
const signature = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503';
const nowSeconds = 1531420618;

describe('signature of a Slack request', () => {
  test('is the one of the documented example', () => {
    expect(signSlackRequest(documented)).toBe(signature);
    expect(verifySlackSignature({ ...documented, signature, nowSeconds })).toBe(true);
  });

  test('is taken over the bytes, not over a decoded text', () => {
    const body = Buffer.from([0x70, 0x3d, 0xff, 0xfe]);
    const sign = signSlackRequest({ ...documented, body });
    expect(verifySlackSignature({ ...documented, body, signature: sign, nowSeconds })).toBe(true);
    expect(
      verifySlackSignature({ ...documented, body: body.toString('utf8'), signature: sign, nowSeconds }),
    ).toBe(false);
  });

  test.each([
    ['another secret', { secret: 'another' }],
    ['a changed body', { body: `${documented.body}&x=1` }],
    ['another timestamp', { timestamp: '1531420619' }],
    ['a shorter signature', { signature: signature.slice(0, -1) }],
    ['no signature', { signature: '' }],
    ['no version', { signature: signature.slice(3) }],
    ['a timestamp that is no number', { timestamp: '1531420618.0' }],
    ['an empty timestamp', { timestamp: '' }],
  ])('refuses %s', (_what, change) => {
    expect(verifySlackSignature({ ...documented, signature, nowSeconds, ...change })).toBe(false);
  });

  test.each([
    [300, true],
    [-300, true],
    [301, false],
    [-301, false],
  ])('with clocks %d seconds apart: %s', (apart, ok) => {
    expect(verifySlackSignature({ ...documented, signature, nowSeconds: nowSeconds + apart })).toBe(ok);
  });
});
