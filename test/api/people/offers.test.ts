import { apiUnderTest, type ApiUnderTest } from '../../support/api';
import { MATRIX_CSV, prepareScenario } from '../../support/scenario';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await apiUnderTest();
});
afterAll(() => api.close());

const winter = {
  name: 'Hiver',
  from: '2026-12-01',
  until: '2026-12-31',
  conditions: 'Dès 50 €.',
  markets: ['FR'],
};
const put = (code: string, body: unknown) => api.call('PUT', `/v1/offers/${code}`, { body });

test('offers are kept by code, with their days, conditions and markets', async () => {
  expect((await put('HIVER', winter)).json()).toMatchObject({ code: 'HIVER', ...winter });
  expect((await put('HIVER', { name: 'Hiver' })).json()).toMatchObject({ conditions: '', markets: [] });
  expect((await api.call('GET', '/v1/offers')).json().items).toMatchObject([{ code: 'HIVER' }]);
  // The persona matrix would read it as none.
  expect((await put('Aucune', { name: 'Aucune' })).statusCode).toBe(400);
  expect((await api.call('DELETE', '/v1/offers/HIVER')).statusCode).toBe(204);
  for (const method of ['GET', 'DELETE'] as const)
    expect((await api.call(method, '/v1/offers/HIVER')).statusCode).toBe(404);
});

test.each<[string, unknown, string]>([
  ['HIVER', { ...winter, until: '2026-11-30' }, '/until'],
  ['HIVER', { ...winter, from: '2026-02-30' }, '/from'],
  ['HIVER', { ...winter, colour: 'red' }, '/colour'],
  ['P%2010', winter, '/path/code'],
])('offer %s is refused where it is wrong: %j', async (code, body, path) => {
  expect((await put(code, body)).json()).toMatchObject({ status: 400, faults: [{ path }] });
});

const start = () => api.call('POST', '/v1/campaigns', { body: { scenario: 'automne' } });
const validate = () => api.call('POST', '/v1/scenarios/automne/validate');

test('what the matrix names cannot be taken away, and once it has ended no scenario is run on it', async () => {
  await prepareScenario(api);
  expect((await api.call('DELETE', '/v1/offers/AUTOMNE')).json()).toMatchObject({
    status: 409,
    code: 'offer-in-use',
    faults: [{ message: 'row adultes of version 1' }],
  });
  const ended = { name: 'Automne', until: '2026-01-31' };
  expect((await put('AUTOMNE', ended)).statusCode).toBe(200);
  const refused = { status: 422, code: 'scenario-invalid', faults: [{ path: '/audience/personas/0' }] };
  expect((await validate()).json()).toMatchObject(refused);
  expect((await start()).json()).toMatchObject(refused);
  const matrix = await api.call('PUT', '/v1/persona-matrix', {
    body: MATRIX_CSV.replace('Salon', 'Jardin'),
    headers: { 'content-type': 'text/csv' },
  });
  expect(matrix.json()).toMatchObject({ code: 'matrix-invalid', faults: [{ path: 'line 2, offer_code' }] });

  await put('AUTOMNE', { name: 'Automne', markets: ['BE'] });
  expect((await validate()).json()).toMatchObject(refused);
  await put('AUTOMNE', { name: 'Automne', markets: ['BE', 'FR'] });
  expect((await validate()).statusCode).toBe(200);
});

const lamp = { sku: 'L-1', name: 'Lampe', category: 'lamps', priceCents: 4_990, currency: 'EUR' };
const products = (...given: unknown[]) => api.call('PUT', '/v1/catalog', { body: { products: given } });
const skus = async (query: Record<string, string>) => {
  const answer = (await api.call('GET', '/v1/catalog', { query })).json();
  return [answer.items.map((one: { sku: string }) => one.sku), answer.next];
};

test('products come in by hundreds, and only what is new is written', async () => {
  const sofa = { sku: 'S-1', name: 'Canapé', category: 'sofas', market: 'BE', active: false };
  expect((await products(lamp, sofa, { ...lamp, sku: 'L-2' })).json()).toEqual({ changed: 3 });
  expect((await products(lamp, { ...sofa, market: 'FR' })).json()).toEqual({ changed: 1 });
  expect(await skus({ limit: '2' })).toEqual([['L-1', 'L-2'], 'L-2']);
  expect(await skus({ after: 'L-2' })).toEqual([['S-1'], null]);
  expect(await skus({ category: 'lamps', market: 'FR' })).toEqual([['L-1', 'L-2'], null]);
  expect(await skus({ market: 'BE' })).toEqual([['L-1', 'L-2'], null]);
  expect((await api.call('GET', '/v1/catalog/L-1')).json()).toMatchObject({
    ...lamp,
    market: null,
    active: true,
  });
  expect((await api.call('DELETE', '/v1/catalog/L-1')).statusCode).toBe(204);
  expect((await api.call('GET', '/v1/catalog/L-1')).statusCode).toBe(404);
});

test.each<[unknown, string]>([
  [{ ...lamp, currency: null }, '/products/0/currency'],
  [{ ...lamp, currency: 'ZZZ' }, '/products/0/currency'],
  [{ ...lamp, priceCents: -1 }, '/products/0/priceCents'],
  [{ ...lamp, url: 'javascript:alert(1)' }, '/products/0/url'],
  [{ ...lamp, sku: 'a b' }, '/products/0/sku'],
])('a product is refused where it is wrong: %j', async (product, path) => {
  expect((await products(product)).json()).toMatchObject({ status: 400, faults: [{ path }] });
});
