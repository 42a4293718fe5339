import { carriersUnderTest, phoneOf, type Carriers } from '../../support/carriers';

let carriers: Carriers;
beforeAll(async () => {
  carriers = await carriersUnderTest();
});
afterAll(() => carriers.api.close());

describe('devices', () => {
  const TOKEN = 'fcm-token-of-some-device';
  test('are registered by whichever key names the person, move with who signs in, and are forgotten', async () => {
    const body = { profile: { phone: phoneOf(0) }, token: TOKEN, platform: 'android', locale: 'fr' };
    const made = await carriers.api.call('POST', '/v1/devices', { body });
    expect([made.statusCode, made.json()]).toMatchObject([200, { profileId: carriers.people[0] }]);
    expect(made.body).not.toContain(TOKEN);
    const { id } = made.json<{ id: string }>();
    const moved = await carriers.api.call('POST', '/v1/devices', {
      body: { ...body, profile: { id: carriers.people[1] } },
    });
    expect(moved.json()).toEqual({ id, profileId: carriers.people[1] });
    const [audited] = await carriers.api.database.db.app<{ target: string; details: object }[]>`
      select target, details from audit_log where action = 'POST /v1/devices' limit 1`;
    expect(audited?.target).toBe(id);
    expect(JSON.stringify(audited)).not.toContain(TOKEN);
    expect((await carriers.api.call('DELETE', `/v1/devices/${id}`)).statusCode).toBe(204);
    expect((await carriers.api.call('DELETE', `/v1/devices/${id}`)).statusCode).toBe(404);
  });

  test.each<[string, object, number]>([
    ['nobody by that name', { profile: { customerKey: 'nobody' } }, 404],
    ['a platform there is not', { platform: 'minitel' }, 400],
    ['no token', { token: '' }, 400],
  ])('%s', async (_case, change, code) => {
    const body = { profile: { id: carriers.people[0] }, token: TOKEN, platform: 'ios', ...change };
    expect((await carriers.api.call('POST', '/v1/devices', { body })).statusCode).toBe(code);
  });
});
