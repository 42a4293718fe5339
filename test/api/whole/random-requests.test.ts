import fc from 'fast-check';
import { apiUnderTest, type ApiUnderTest } from '../../support/api';
import { anyJson, arbitraryOf, type JsonSchema } from '../../support/json-schema-arbitrary';
import { prepareScenario } from '../../support/scenario';
import { seedCampaign } from '../../support/seed-campaign';

/** For each operation; some hundred operations make a thousand calls. */
const RUNS = 10;
/** A call that takes longer hangs, as far as a caller can tell. */
const PATIENCE_MS = 10_000;

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: JsonSchema;
}
interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>> };
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Partial<Record<(typeof METHODS)[number], Operation>>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

let api: ApiUnderTest;
let document: Document;
beforeAll(async () => {
  api = await apiUnderTest();
  await prepareScenario(api);
  await seedCampaign(api.database.db, { campaignId: 'crandom22222', people: 3 });
  await api.call('PUT', '/v1/imports/mappings/crm', {
    body: { source: 'crm', fields: [{ column: 'id', to: 'customerKey' }] },
  });
  document = (await api.call('GET', '/openapi.json')).json();
});
afterAll(() => api.close());

/** Ids and keys that are there, so that half of the calls get past the first look. */
const known = fc.constantFrom('crandom22222', 'automne', 'adultes', 'crm', '1', '2');

const mostly = (likely: fc.Arbitrary<unknown>, other: fc.Arbitrary<unknown>) =>
  fc.oneof({ arbitrary: likely, weight: 3 }, { arbitrary: other, weight: 1 });

const queryText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function callsOf(path: string, operation: Operation) {
  const { schemas } = document.components;
  const parameters = operation.parameters ?? [];
  const [contentType, media] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const values = (place: 'path' | 'query') =>
    fc.record(
      Object.fromEntries(
        parameters
          .filter((parameter) => parameter.in === place)
          .map(({ name, schema }) => [
            name,
            mostly(
              place === 'path' ? known : arbitraryOf(schema, schemas),
              fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
            ),
          ]),
      ),
      place === 'path' ? {} : { requiredKeys: [] },
    );
  const body =
    media === undefined
      ? fc.constant(undefined)
      : contentType === 'application/json'
        ? mostly(arbitraryOf(media.schema, schemas), anyJson).map((value) => JSON.stringify(value))
        : fc.oneof(
            fc.string({ unit: 'binary' }),
            fc.constant('id\n1\n'),
            fc.constant('segment_id,value_tier\n"a,b\n'),
          );
  return fc.record({ path: values('path'), query: values('query'), body }).map((made) => ({
    url: path.replaceAll(/\{([^}]+)\}/g, (_whole, name: string) => encodeWhole(queryText(made.path[name]))),
    query: Object.fromEntries(Object.entries(made.query).map(([name, value]) => [name, queryText(value)])),
    body: made.body,
    headers: contentType === undefined ? {} : { 'content-type': contentType },
  }));
}

/** Halves of characters cannot be in an address at all. */
const encodeWhole = (text: string): string => encodeURIComponent(text.replace(/\p{Surrogate}/gu, '?'));

async function within<T>(work: Promise<T>): Promise<T | 'hangs'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'hangs'>((resolve) => {
    timer = setTimeout(() => resolve('hangs'), PATIENCE_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

test('whatever is asked of any endpoint, the answer is never a fault of ours and never late', async () => {
  const statuses = new Map<string, Set<number>>();
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (operation === undefined) continue;
      const seen = new Set<number>();
      statuses.set(`${method} ${path}`, seen);
      await fc.assert(
        fc.asyncProperty(callsOf(path, operation), async ({ url, query, body, headers }) => {
          const answer = await within(
            api.call(uppercase(method), url, {
              as: 'admin',
              query,
              headers,
              ...(body === undefined ? {} : { body }),
            }),
          );
          if (answer === 'hangs') throw new Error(`${method} ${path} hangs`);
          seen.add(answer.statusCode);
          if (answer.statusCode >= 500) throw new Error(`${method} ${path}: ${answer.body}`);
          if (answer.statusCode >= 400)
            expect(answer.json()).toMatchObject({ status: answer.statusCode, code: expect.any(String) });
        }),
        { numRuns: RUNS },
      );
    }
  }
  // The generator is worth something only where some of what it makes is taken.
  const taken = [...statuses.values()].filter((seen) => [...seen].some((status) => status < 300));
  expect(statuses.size).toBeGreaterThan(45);
  expect(taken.length).toBeGreaterThan(statuses.size / 3);
}, 180_000);

const uppercase = (method: (typeof METHODS)[number]) =>
  (({ get: 'GET', put: 'PUT', post: 'POST', delete: 'DELETE', patch: 'PATCH' }) as const)[method];
