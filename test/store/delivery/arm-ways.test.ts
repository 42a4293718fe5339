import { freshDatabase, type FreshDatabase } from '../../support/database';
import {
  consent,
  fromNow,
  HOUR_MS,
  policy,
  prefers,
  said,
  throughGate,
  type GateAnswer,
} from '../../support/gate';
import { seedCampaign, seedPeople } from '../../support/seed-campaign';

let database: FreshDatabase;
beforeEach(async () => {
  database = await freshDatabase(4);
});
afterEach(() => database.close());

const arm = (key: string, more: object = {}) => ({ key, label: key, weight: 1, ...more });

interface Control {
  readonly profileId: number;
  readonly allowed: boolean;
  readonly reason: string | null;
}

const controls = (): Promise<Control[]> =>
  database.db.app<Control[]>`
    select profile_id as "profileId", allowed, reason from control_gate order by profile_id`.then((rows) => [
    ...rows,
  ]);

/** Three people of each arm, in turn (mail, phone, none): by both, by e-mail alone, by SMS alone. */
async function channelTest(part: 'test' | 'rollout') {
  const { db } = database;
  const arms = [
    arm('mail', { channels: ['email'] }),
    arm('phone', { channels: ['sms', 'email'] }),
    arm('none', { control: true }),
  ];
  const people = await seedPeople(db, 9);
  await db.app`update profiles set phone_fp = sha256(('phone' || id)::bytea) where id = any(${people}::bigint[])`;
  for (const [i, person] of people.entries()) {
    if (i < 6) await consent(db, person, 'promotion', 'email');
    if (i < 3 || i >= 6) await consent(db, person, 'promotion', 'sms');
  }
  return seedCampaign(db, {
    people,
    part,
    consent: false,
    arms,
    scenario: { arms, experiment: { testShare: 1 }, channels: ['email'] },
  });
}

const told = (answers: readonly GateAnswer[]): string[] =>
  said(answers).map((line, i) => `${answers[i]?.arm ?? ''} ${line}`);

test('a test of channels goes to who may be reached in every arm, and each by the channels of their own', async () => {
  const campaign = await channelTest('test');
  expect(told(await throughGate(database.db, campaign))).toEqual([
    'mail claimed email',
    'phone claimed sms',
    // Nobody of these may have SMS, which is the first choice of one arm, but its e-mail is.
    'mail claimed email',
    'phone claimed email',
    // And these have not agreed to e-mail: one arm could not reach them, whichever is theirs.
    'mail skipped no-consent',
    'phone skipped not-in-every-arm',
  ]);
  expect((await controls()).map(({ allowed, reason }) => [allowed, reason])).toEqual([
    [true, null],
    [true, null],
    [false, 'no-consent'],
  ]);
});

test('who is left gets the winner by its own channels, whatever the other arms would have needed', async () => {
  const campaign = await channelTest('rollout');
  const answers = await throughGate(database.db, campaign, { arm: 'phone' });
  expect(said(answers)).toEqual([
    'claimed sms',
    'claimed sms',
    'claimed sms',
    'claimed email',
    'claimed email',
    'claimed email',
    'claimed sms',
    'claimed sms',
    'claimed sms',
  ]);
  expect(new Set(answers.map((answer) => answer.arm))).toEqual(new Set(['phone']));
});

test('what failed in a test of channels goes to the next channel of the arm, and to no other arm’s', async () => {
  const { db } = database;
  const campaign = await channelTest('test');
  await throughGate(db, campaign);
  await db.app`
    update deliveries set state = 'planned', code = '550', tried = array[channel], reason = 'fallback', not_before = null
    where state = 'claimed' and profile_id = any(${campaign.profileIds.slice(0, 2)}::bigint[])`;
  const answers = await throughGate(db, campaign, { source: 'due' });
  expect(told(answers).slice(0, 2)).toEqual(['mail failed channel-failed', 'phone claimed email']);
});

test('a test of moments sends each arm at its own hour and day, after what a person asked for', async () => {
  const { db } = database;
  await db.app`delete from policies where kind = 'quiet-hours'`;
  await policy(db, 'quiet-hours', 'open', {
    market: 'FR',
    channel: 'email',
    open: Object.fromEntries(
      ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, [{ from: '00:00', to: '24:00' }]]),
    ),
  });
  const arms = [
    arm('any'),
    arm('nine', { sendHour: 9 }),
    arm('thursday', { sendHour: 18, sendDay: 'thu' }),
    arm('none', { control: true }),
  ];
  const people = await seedPeople(db, 8);
  // A person's own best hour is not the arm's; an hour they asked for goes before it.
  await db.app`update profiles set attributes = '{"send_hour": 3}' where id = ${people[1] ?? 0}`;
  await prefers(db, people[5] ?? 0, { sendHour: 4 });
  const campaign = await seedCampaign(db, {
    people,
    arms,
    scenario: { arms, experiment: { testShare: 1 }, waveDeadlineSeconds: 8 * 86_400 },
  });
  const answers = await throughGate(db, campaign, { deadlineAt: fromNow(8 * 24 * HOUR_MS) });
  const paris = new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Europe/Paris',
    weekday: 'short',
    hour: '2-digit',
    hourCycle: 'h23',
  });
  const due = (answer: GateAnswer): string =>
    answer.state === 'claimed'
      ? 'now'
      : paris.format(answer.notBefore ?? 0).replace(/^\w+, /, answer.arm === 'thursday' ? '$&' : '');
  const now = paris.format(new Date());
  const expected = (hour: string, day?: string): string =>
    now === `${day ?? now.slice(0, 3)}, ${hour}` ? 'now' : `${day === undefined ? '' : `${day}, `}${hour}`;
  expect(answers.map((answer) => `${answer.arm} ${due(answer)}`)).toEqual([
    'any now',
    `nine ${expected('09')}`,
    `thursday ${expected('18', 'Thu')}`,
    'any now',
    `nine ${expected('04')}`,
    `thursday ${expected('18', 'Thu')}`,
  ]);
  expect((await controls()).map(({ allowed }) => allowed)).toEqual([true, true]);
});
