import { calendarWindow } from '../../../domain/frequency/calendar-window';
import { capRuleSchema, capsOn } from '../../../domain/frequency/cap';
import { zoneOf } from '../../../domain/frequency/zone';

const window = (unit: 'day' | 'week' | 'month', zone: string, at: string): string[] => {
  const { since, until } = calendarWindow(unit, zone, new Date(at));
  return [since.toISOString(), until.toISOString()];
};

describe('calendar windows', () => {
  it('a week runs from Monday to Monday, by the local clock', () => {
    expect(window('week', 'Europe/Paris', '2026-11-22T23:30:00Z')).toEqual([
      '2026-11-22T23:00:00.000Z',
      '2026-11-29T23:00:00.000Z',
    ]);
    expect(window('week', 'Europe/Paris', '2026-11-22T22:30:00Z')).toEqual([
      '2026-11-15T23:00:00.000Z',
      '2026-11-22T23:00:00.000Z',
    ]);
    expect(window('week', 'Pacific/Noumea', '2026-11-22T14:00:00Z')).toEqual([
      '2026-11-22T13:00:00.000Z',
      '2026-11-29T13:00:00.000Z',
    ]);
  });

  it('a day on which the clocks change has 23 or 25 hours', () => {
    const hours = (at: string): number => {
      const [since = '', until = ''] = window('day', 'Europe/Paris', at);
      return (Date.parse(until) - Date.parse(since)) / 3_600_000;
    };
    expect([
      hours('2026-03-29T12:00:00Z'),
      hours('2026-10-25T12:00:00Z'),
      hours('2026-11-22T12:00:00Z'),
    ]).toEqual([23, 25, 24]);
  });

  it('a month has its own length', () => {
    expect(window('month', 'Europe/Paris', '2028-02-10T12:00:00Z')).toEqual([
      '2028-01-31T23:00:00.000Z',
      '2028-02-29T23:00:00.000Z',
    ]);
  });
});

describe('zones', () => {
  it.each([
    [
      'what is known of the person',
      { timezone: 'America/Toronto', area: '974', market: 'FR' },
      'America/Toronto',
    ],
    [
      'nonsense falls back to the area',
      { timezone: 'Mars/Olympus', area: '974', market: 'FR' },
      'Indian/Reunion',
    ],
    ['no zone, an overseas area', { timezone: null, area: '972', market: 'FR' }, 'America/Martinique'],
    ['a territory', { timezone: null, area: '987', market: 'FR' }, 'Pacific/Tahiti'],
    ['an area of the mainland', { timezone: null, area: '2A', market: 'FR' }, 'Europe/Paris'],
    [
      "another market's divisions are not French ones",
      { timezone: null, area: '974', market: 'PT' },
      'Europe/Lisbon',
    ],
    ['a market with a language', { timezone: null, area: null, market: 'BE-fr' }, 'Europe/Brussels'],
    ['a market nobody listed', { timezone: null, area: null, market: 'XX' }, 'Europe/Paris'],
  ])('%s', (_, whereabouts, zone) => {
    expect(zoneOf(whereabouts)).toBe(zone);
  });
});

it('which caps a message meets', () => {
  const rule = (more: object) =>
    capRuleSchema.parse({ nature: 'promotion', limit: 1, windowDays: 7, ...more });
  const rules = {
    all: rule({}),
    lifted: rule({ limit: null }),
    stopped: rule({ limit: 0 }),
    newsletters: rule({ nature: 'newsletter' }),
    sms: rule({ channel: 'sms' }),
    push: rule({ channel: 'push' }),
    claims: rule({ department: 'claims' }),
    long: rule({ format: 'long' }),
    customers: rule({ recipientType: 'customer' }),
  };
  const message = {
    nature: 'promotion',
    channels: ['email', 'sms'],
    department: 'crm',
    format: 'short',
  } as const;
  expect(capsOn(rules, message).map(({ key }) => key)).toEqual(['all', 'stopped', 'sms', 'customers']);
});
