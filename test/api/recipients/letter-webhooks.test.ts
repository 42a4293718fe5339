import { WEBHOOK_SECRET } from '../../support/api';
import { carriersUnderTest, type Carriers } from '../../support/carriers';

let carriers: Carriers;
beforeAll(async () => {
  carriers = await carriersUnderTest();
});
afterAll(() => carriers.api.close());
beforeEach(() => carriers.forget());

const UNKNOWN = 987_654;

describe('proofs of letters', () => {
  const proof = (type: string, deliveryId: number, more: object = {}) => ({
    type,
    deliveryId,
    at: '2026-03-01T10:00:00Z',
    id: `p-${type}`,
    ...more,
  });

  test('each once, with the carrier’s reference, whatever the order; a letter is seen in many places', async () => {
    const id = await carriers.delivery(0, 'accepted', { channel: 'letter' });
    const answer = await carriers.signed('/webhooks/letters', {
      events: [
        proof('delivered', id, { proof: '1A 123'.replace(' ', '-'), at: '2026-03-04T10:00:00Z' }),
        proof('deposited', id),
        proof('in-transit', id, { at: '2026-03-02T10:00:00Z' }),
        proof('in-transit', id, { id: 'p-again', at: '2026-03-03T10:00:00Z' }),
        proof('deposited', id, { id: 'p-other' }),
      ],
    });
    expect(answer.json()).toEqual({ accepted: 4, duplicates: 1, unknown: [], contradicting: [] });
    expect(
      (await carriers.events()).map(({ type, properties }) => [type, properties['proof'] ?? null]),
    ).toEqual([
      ['message.letter-deposited', null],
      ['message.letter-in-transit', null],
      ['message.letter-in-transit', null],
      ['message.letter-delivered', '1A-123'],
    ]);
  });

  test('a refused e-letter is an event of a message that was sent all the same; any proof settles an uncertain row', async () => {
    const [a, b] = [
      await carriers.delivery(0, 'accepted', { channel: 'e-letter' }),
      await carriers.delivery(1, 'uncertain', { channel: 'e-letter' }),
    ];
    await carriers.signed('/webhooks/letters', {
      events: [proof('refused', a), proof('deposited', b), proof('returned', UNKNOWN)],
    });
    expect(await carriers.states()).toEqual(['accepted', 'accepted']);
    expect((await carriers.events()).map(({ type }) => type).sort()).toEqual([
      'message.letter-deposited',
      'message.letter-refused',
    ]);
    expect((await carriers.api.database.db.app`select 1 from suppressions`).length).toBe(0);
  });

  test.each([
    ['another secret', { events: [] }, 'not-the-secret-of-tests', 401],
    ['no such proof', { events: [proof('opened', 1)] }, WEBHOOK_SECRET, 400],
  ])('%s is refused', async (_case, body, secret, code) =>
    expect((await carriers.signed('/webhooks/letters', body, secret)).statusCode).toBe(code),
  );
});
