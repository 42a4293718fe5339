import fc from 'fast-check';
import { defaultPolicies } from '../../../config/policies/delivery';
import { closesAt, opensAt, type OpeningTerms } from '../../../domain/frequency/opening';
import { quietHoursSchema } from '../../../domain/frequency/quiet-hours';

const SMS = quietHoursSchema.parse(defaultPolicies()['quiet-hours']['fr-sms']);

const terms = (change: Partial<OpeningTerms> = {}): OpeningTerms => ({
  rules: [SMS],
  zone: 'Europe/Paris',
  area: '75',
  sendHour: null,
  ...change,
});

const opens = (at: string, change: Partial<OpeningTerms> = {}): string | null => {
  const answer = opensAt(terms(change), new Date(at));
  return answer instanceof Date ? answer.toISOString() : answer;
};

describe('French SMS hours', () => {
  it.each([
    ['a Monday morning at 8', '2026-11-23T08:00:00+01:00', null],
    ['a second before', '2026-11-23T07:59:59+01:00', '2026-11-23T07:00:00.000Z'],
    ['the last second of the evening', '2026-11-23T20:29:59+01:00', null],
    ['half past eight', '2026-11-23T20:30:00+01:00', '2026-11-24T07:00:00.000Z'],
    ['a Saturday at 9: from 10', '2026-11-28T09:00:00+01:00', '2026-11-28T09:00:00.000Z'],
    ['Saturday night: Sunday is closed', '2026-11-28T20:00:00+01:00', '2026-11-30T07:00:00.000Z'],
    ['Easter Monday', '2026-04-06T12:00:00+02:00', '2026-04-07T06:00:00.000Z'],
    ['Christmas, a Friday', '2026-12-25T12:00:00+01:00', '2026-12-26T09:00:00.000Z'],
  ])('%s', (_, at, expected) => {
    expect(opens(at)).toBe(expected);
  });

  it('keep the local holidays of Alsace and Moselle', () => {
    expect(opens('2026-04-03T12:00:00+02:00')).toBeNull();
    expect(opens('2026-04-03T12:00:00+02:00', { area: '67' })).toBe('2026-04-04T08:00:00.000Z');
  });

  it("are the person's own: open in Paris, night in La Réunion", () => {
    expect(opens('2026-11-23T18:00:00+01:00')).toBeNull();
    expect(opens('2026-11-23T18:00:00+01:00', { zone: 'Indian/Reunion', area: '974' })).toBe(
      '2026-11-24T04:00:00.000Z',
    );
  });
});

describe('closing', () => {
  const closes = (at: string, change: Partial<OpeningTerms> = {}): string | null =>
    closesAt(terms(change), new Date(at))?.toISOString() ?? null;

  it.each([
    ['in the evening', '2026-11-23T10:00:00+01:00', '2026-11-23T19:30:00.000Z'],
    ['on a Saturday, before a Sunday without any', '2026-11-28T19:00:00+01:00', '2026-11-28T19:00:00.000Z'],
    ['at once where it is closed', '2026-11-23T23:00:00+01:00', '2026-11-23T22:00:00.000Z'],
  ])('%s', (_, at, expected) => {
    expect(closes(at)).toBe(expected);
  });

  it('is the first of several rules to close, and no midnight between two open days', () => {
    const all = daily('00:00', '24:00');
    expect(closes('2026-11-23T10:00:00+01:00', { rules: [SMS, daily('08:00', '12:00')] })).toBe(
      '2026-11-23T11:00:00.000Z',
    );
    expect(closes('2026-11-23T10:00:00+01:00', { rules: [all] })).toBeNull();
    const untilWednesday = { ...all, open: { ...all.open, wed: [{ from: '00:00', to: '06:00' }] } };
    expect(closes('2026-11-23T10:00:00+01:00', { rules: [untilWednesday] })).toBe('2026-11-25T05:00:00.000Z');
  });

  it('is none without rules, whatever hour somebody likes', () => {
    expect(closes('2026-11-23T10:00:00+01:00', { rules: [], sendHour: 10 })).toBeNull();
  });
});

const daily = (from: string, to: string) => {
  const day = [{ from, to }];
  return quietHoursSchema.parse({
    market: 'FR',
    channel: 'sms',
    open: { mon: day, tue: day, wed: day, thu: day, fri: day, sat: day, sun: day },
  });
};

describe('when the clocks change (Paris: 29 March and 25 October 2026)', () => {
  it('a time in the gap is the one after it', () => {
    expect(opens('2026-03-29T00:30:00+01:00', { rules: [daily('02:30', '12:00')] })).toBe(
      '2026-03-29T01:30:00.000Z',
    );
    expect(opens('2026-03-29T00:30:00+01:00', { rules: [], sendHour: 2 })).toBe('2026-03-29T01:00:00.000Z');
  });

  it('a time that comes twice is the first', () => {
    expect(opens('2026-10-25T00:30:00+02:00', { rules: [daily('02:30', '12:00')] })).toBe(
      '2026-10-25T00:30:00.000Z',
    );
    expect(opens('2026-10-25T00:30:00+02:00', { rules: [], sendHour: 2 })).toBe('2026-10-25T00:00:00.000Z');
  });

  it('hours stay local across the change', () => {
    expect(opens('2026-03-28T21:00:00+01:00')).toBe('2026-03-30T06:00:00.000Z');
    expect(opens('2026-03-28T21:00:00+01:00', { rules: [daily('08:00', '20:30')] })).toBe(
      '2026-03-29T06:00:00.000Z',
    );
  });
});

describe('rules', () => {
  it('all of one channel must be open', () => {
    const rules = [daily('08:00', '12:00'), daily('11:00', '20:00')];
    expect(opens('2026-11-23T09:00:00+01:00', { rules })).toBe('2026-11-23T10:00:00.000Z');
    expect(opens('2026-11-23T11:30:00+01:00', { rules })).toBeNull();
  });

  it('may have several spans, up to the end of the day', () => {
    const rule = quietHoursSchema.parse({
      ...daily('08:00', '12:00'),
      open: {
        mon: [
          { from: '14:00', to: '24:00' },
          { from: '08:00', to: '12:00' },
        ],
      },
    });
    expect(opens('2026-11-23T12:00:00+01:00', { rules: [rule] })).toBe('2026-11-23T13:00:00.000Z');
    expect(opens('2026-11-23T23:59:59+01:00', { rules: [rule] })).toBeNull();
    expect(opens('2026-11-24T00:00:00+01:00', { rules: [rule] })).toBe('2026-11-30T07:00:00.000Z');
  });

  it('that never open close a channel', () => {
    expect(
      opens('2026-11-23T09:00:00+01:00', { rules: [daily('08:00', '12:00'), daily('13:00', '14:00')] }),
    ).toBe('infinity');
  });
});

describe('an hour to arrive at', () => {
  it('is now while it lasts, else its next local occurrence', () => {
    const at = (time: string): string | null => opens(time, { rules: [], sendHour: 9 });
    expect(at('2026-11-23T08:59:59+01:00')).toBe('2026-11-23T08:00:00.000Z');
    expect(at('2026-11-23T09:00:00+01:00')).toBeNull();
    expect(at('2026-11-23T09:59:59+01:00')).toBeNull();
    expect(at('2026-11-23T10:00:00+01:00')).toBe('2026-11-24T08:00:00.000Z');
  });

  it('moves to the next opening where the channel is closed then', () => {
    expect(opens('2026-11-23T12:00:00+01:00', { sendHour: 22 })).toBe('2026-11-24T07:00:00.000Z');
    expect(opens('2026-11-24T08:20:00+01:00', { sendHour: 22 })).toBeNull();
  });

  it('skips a closed day rather than arrive early on the next', () => {
    expect(opens('2026-11-28T12:00:00+01:00', { sendHour: 11 })).toBe('2026-11-30T10:00:00.000Z');
    expect(opens('2026-11-30T08:10:00+01:00', { sendHour: 11 })).toBe('2026-11-30T10:00:00.000Z');
  });
});

it('what it answers is open: asked again then, it says now', () => {
  const instants = fc.date({
    min: new Date('2025-12-01T00:00:00Z'),
    max: new Date('2027-06-01T00:00:00Z'),
    noInvalidDate: true,
  });
  const zones = fc.constantFrom(
    'Europe/Paris',
    'America/Martinique',
    'Pacific/Noumea',
    'Asia/Beirut',
    'Australia/Lord_Howe',
  );
  fc.assert(
    fc.property(
      instants,
      zones,
      fc.option(fc.integer({ min: 0, max: 23 })),
      fc.constantFrom('75', '68'),
      (now, zone, sendHour, area) => {
        const given = terms({ zone, sendHour, area });
        const next = opensAt(given, now);
        if (next === null) return;
        if (next === 'infinity') throw new Error('there is always a next opening');
        expect(next.getTime()).toBeGreaterThan(now.getTime());
        expect(opensAt(given, next)).toBeNull();
      },
    ),
    { numRuns: 300 },
  );
});

describe('a day of the week', () => {
  it.each([
    ['the same day, still open', '2026-11-24T10:00:00+01:00', { sendDay: 'tue' }, null],
    ['a day that is over', '2026-11-24T21:00:00+01:00', { sendDay: 'tue' }, '2026-12-01T07:00:00.000Z'],
    ['its hour', '2026-11-23T10:00:00+01:00', { sendDay: 'thu', sendHour: 18 }, '2026-11-26T17:00:00.000Z'],
    [
      'an hour that is over',
      '2026-11-26T20:00:00+01:00',
      { sendDay: 'thu', sendHour: 18 },
      '2026-12-03T17:00:00.000Z',
    ],
    ['in the hour', '2026-11-26T18:30:00+01:00', { sendDay: 'thu', sendHour: 18 }, null],
    [
      'an hour that is closed then',
      '2026-11-23T10:00:00+01:00',
      { sendDay: 'sat', sendHour: 8 },
      '2026-11-28T09:00:00.000Z',
    ],
    ['a day that is always closed', '2026-11-23T10:00:00+01:00', { sendDay: 'sun' }, 'infinity'],
    [
      'with no rule at all',
      '2026-11-23T10:00:00+01:00',
      { sendDay: 'wed', rules: [] },
      '2026-11-24T23:00:00.000Z',
    ],
  ] as const)('%s', (_, at, change, expected) => {
    expect(opens(at, change)).toBe(expected);
  });
});
