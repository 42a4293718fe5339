import { isPublicAddress } from '../../../adapters/webhooks/public-address';
import { retryInSeconds } from '../../../domain/webhooks/outgoing';

test('delays grow to four hours and end within a day', () => {
  let age = 0;
  const delays: number[] = [];
  for (let attempts = 1; ; attempts += 1) {
    const delay = retryInSeconds(attempts, age);
    if (delay === null) break;
    delays.push(delay);
    age += delay;
  }
  expect(delays.slice(0, 9)).toEqual([5, 15, 45, 135, 405, 1_215, 3_645, 10_935, 14_400]);
  expect(delays).toEqual(delays.toSorted((a, b) => a - b));
  expect(age).toBeLessThanOrEqual(86_400);
  expect(age).toBeGreaterThan(86_400 - 4 * 3_600);
});

test.each([
  ['8.8.8.8', true],
  ['172.15.255.255', true],
  ['172.16.0.1', false],
  ['172.31.255.255', false],
  ['100.64.0.1', false],
  ['169.254.169.254', false],
  ['0.0.0.0', false],
  ['255.255.255.255', false],
  ['2606:4700:4700::1111', true],
  ['::1', false],
  ['::ffff:10.1.2.3', false],
  ['::ffff:8.8.8.8', true],
  ['fd12:3456::1', false],
  ['fe80::1', false],
  ['64:ff9b::7f00:1', false],
  ['example.com', false],
])('%s is public: %s', (address, expected) => {
  expect(isPublicAddress(address)).toBe(expected);
});
