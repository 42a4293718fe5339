import { proposeCaps, type NatureFacts } from '../../../domain/frequency/cap-proposals';

const facts = (change: Partial<NatureFacts> = {}): NatureFacts => ({
  nature: 'promotion',
  contacted: { people: 10_000, p95: 6 },
  engaged: { people: 2_000, p95: 3 },
  doses: [],
  ...change,
});
const promo = { nature: 'promotion', limit: 1, windowDays: 14 } as const;

test('a nature no cap holds, whose people get more than those who click: held to what these get', () => {
  expect(proposeCaps([facts()], {}, 14)).toMatchObject([
    {
      nature: 'promotion',
      limit: 3,
      windowDays: 14,
      reasons: [{ code: 'uncapped', contactedP95: 6, engagedP95: 3 }],
    },
  ]);
});

test.each<[string, NatureFacts, Parameters<typeof proposeCaps>[1]]>([
  ['a cap holds it', facts(), { promo }],
  ['engaged people get as many', facts({ engaged: { people: 2_000, p95: 6 } }), {}],
  ['too few people click to say', facts({ engaged: { people: 29, p95: 1 } }), {}],
  ['caps do not hold this nature', facts({ nature: 'official' }), {}],
])('nothing where %s', (_name, fact, caps) => {
  expect(proposeCaps([fact], caps, 14)).toEqual([]);
});

test('a cap that is lifted holds nobody', () => {
  expect(proposeCaps([facts()], { promo: { ...promo, limit: null } }, 14)).toHaveLength(1);
});

/** 0.2 % refuse the first two, 1 % from the third on. */
const rising = [
  { dose: 1, contacts: 20_000, refusals: 40 },
  { dose: 2, contacts: 10_000, refusals: 20 },
  { dose: 3, contacts: 4_000, refusals: 40 },
  { dose: 4, contacts: 1_000, refusals: 11 },
];

test('refusals that rise with the number: one less than where they do', () => {
  const [proposal] = proposeCaps([facts({ doses: rising, engaged: { people: 0, p95: 0 } })], {}, 14);
  // Doses 2 and up are above dose 1 already (71 of 15,000 against 40 of 20,000): the smallest such number is taken.
  expect(proposal).toMatchObject({ limit: 1, reasons: [{ code: 'refusals-rise', fromDose: 2 }] });
  expect(proposal?.reasons[0]).toMatchObject({ rateBelow: 0.002, rateFrom: 71 / 15_000 });
});

test('both reasons make one proposal, the stricter', () => {
  const [proposal] = proposeCaps([facts({ doses: rising })], {}, 14);
  expect(proposal?.limit).toBe(1);
  expect(proposal?.reasons.map(({ code }) => code)).toEqual(['uncapped', 'refusals-rise']);
});

test('nothing where refusals do not rise, or a cap for everybody is as strict; a narrow cap is no such cap', () => {
  const flat = rising.map((dose) => ({ ...dose, refusals: dose.contacts / 500 }));
  const unheard = { people: 0, p95: 0 };
  expect(proposeCaps([facts({ doses: flat, engaged: unheard })], {}, 14)).toEqual([]);
  const few = [
    { dose: 1, contacts: 40, refusals: 0 },
    { dose: 2, contacts: 10, refusals: 3 },
  ];
  expect(proposeCaps([facts({ doses: few, engaged: unheard })], {}, 14)).toEqual([]);
  const seen = facts({ doses: rising });
  expect(proposeCaps([seen], { promo }, 14)).toEqual([]);
  expect(proposeCaps([seen], { promo: { ...promo, channel: 'sms' } }, 14)).toHaveLength(1);
  expect(proposeCaps([seen], { promo: { ...promo, windowDays: 7 } }, 14)).toHaveLength(1);
});
