import { agentKind, pixelAgent } from '../../../domain/delivery/agent-kind';

const GMAIL = 'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)';
const BROWSER = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148';

test.each([
  ['GET', BROWSER, { kind: 'reader', proxy: null }],
  ['GET', undefined, { kind: 'reader', proxy: null }],
  ['GET', GMAIL, { kind: 'reader', proxy: 'gmail-proxy' }],
  [
    'GET',
    'YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html',
    { kind: 'reader', proxy: 'yahoo-proxy' },
  ],
  ['GET', 'Mozilla/5.0', { kind: 'prefetch', proxy: 'apple-mpp' }],
  ['GET', 'Barracuda Sentinel (EE)', { kind: 'prefetch', proxy: 'robot' }],
  ['HEAD', BROWSER, { kind: 'prefetch', proxy: 'robot' }],
])('the pixel fetched with %s by %s', (method, userAgent, agent) => {
  expect(pixelAgent({ method, userAgent })).toEqual(agent);
});

test('a click out of Apple Mail is a person’s, whatever its pictures came through', () => {
  expect(agentKind({ method: 'GET', userAgent: BROWSER })).toBe('person');
  expect(agentKind({ method: 'GET', userAgent: GMAIL })).toBe('robot');
});
