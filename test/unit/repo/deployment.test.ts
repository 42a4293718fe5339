import { existsSync, readFileSync, statSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { ENV_KEYS, readEnv } from '../../../config/env';
import { fromRoot } from '../../../config/paths';

/**
 * docker-compose.yml and deploy/. There is no docker where the tests run: the structure is checked against the parts
 * of the Compose specification that are used, written down here by hand, and everything it names against this repository.
 */
const duration = z.string().regex(/^(\d+(ms|s|m|h))+$/);
const condition = z.strictObject({
  condition: z.enum(['service_started', 'service_healthy', 'service_completed_successfully']),
});
const service = z.strictObject({
  image: z.string().regex(/^[a-z0-9./-]+:[A-Za-z0-9._-]+$/, 'an image with its tag'),
  build: z
    .strictObject({
      context: z.string(),
      dockerfile: z.string(),
      args: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
  restart: z.string().regex(/^(no|always|unless-stopped|on-failure(:\d+)?)$/),
  init: z.boolean().optional(),
  entrypoint: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  volumes: z.array(z.string().regex(/^[^:]+:\/[^:]*(:ro)?$/)).optional(),
  ports: z.array(z.string().regex(/^127\.0\.0\.1:\d+:\d+$/, 'published to this host alone')).optional(),
  healthcheck: z
    .union([
      z.strictObject({ disable: z.literal(true) }),
      z.strictObject({
        test: z.array(z.string()).min(2),
        interval: duration,
        timeout: duration,
        retries: z.number().int(),
        start_period: duration.optional(),
      }),
    ])
    .optional(),
  shm_size: z.string().optional(),
  stop_grace_period: duration.optional(),
  deploy: z.strictObject({ replicas: z.number().int().min(1) }).optional(),
  depends_on: z.record(z.string(), condition).optional(),
});
const compose = z.strictObject({
  name: z.string(),
  'x-boucle': z.unknown(),
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.null()),
});

const read = (file: string): string => readFileSync(fromRoot(file), 'utf8');
const file = compose.parse(parse(read('docker-compose.yml'), { merge: true }));
const ours = ['migrate', 'api', 'worker'];
const entries = Object.entries(file.services);
const serviceNamed = (name: string): z.infer<typeof service> => {
  const found = file.services[name];
  if (!found) throw new Error(`no service ${name}`);
  return found;
};

/** Compose's own substitution, in the forms used. */
function substituted(text: string, given: Record<string, string>): string {
  return text.replaceAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, key: string, kind: string, word: string) => {
    const value = given[key];
    if (value) return value;
    if (kind === '-') return word;
    throw new Error(`${key} is not set`);
  });
}

test('the deployment has its parts', () => {
  expect(Object.keys(file.services)).toEqual(
    expect.arrayContaining(['postgres', 'temporal', 'temporal-ui', 'migrate', 'api', 'worker', 'mail']),
  );
  expect(serviceNamed('postgres').image).toMatch(/^postgres:18/);
  expect(serviceNamed('temporal').environment?.['DB']).toMatch(/^postgres/);
});

test('workers can be scaled: no port and no place of their own', () => {
  const worker = serviceNamed('worker');
  expect(worker.ports).toBeUndefined();
  expect(worker.deploy?.replicas).toBeGreaterThan(1);
});

test('every service waits for services that exist, and for health only where it is checked', () => {
  for (const [name, { depends_on: waits }] of entries) {
    for (const [other, { condition: until }] of Object.entries(waits ?? {})) {
      const target = serviceNamed(other);
      if (until === 'service_healthy')
        expect({ name, other, checked: target.healthcheck !== undefined }).toMatchObject({ checked: true });
      if (until === 'service_completed_successfully')
        expect({ name, other, restart: target.restart }).toMatchObject({
          restart: expect.stringMatching(/^on-failure/),
        });
    }
  }
});

test('every folder it mounts and every script it runs is in the repository', () => {
  for (const [, { volumes, entrypoint, command, build }] of entries) {
    for (const volume of volumes ?? []) {
      const [from = ''] = volume.split(':');
      if (from.startsWith('./')) expect(statSync(fromRoot(from)).isDirectory()).toBe(true);
      else expect(Object.keys(file.volumes)).toContain(from);
    }
    for (const word of [...(entrypoint ?? []), ...(command ?? [])]) {
      if (word.startsWith('/boucle/'))
        expect(existsSync(fromRoot('deploy/temporal', word.slice('/boucle/'.length)))).toBe(true);
      if (word.startsWith('dist/'))
        expect({
          word,
          source: existsSync(fromRoot(word.replace(/^dist\//, '').replace(/js$/, 'ts'))),
        }).toEqual({ word, source: true });
    }
    if (build) expect(existsSync(fromRoot(build.dockerfile))).toBe(true);
  }
});

test('our services get keys that exist, and with .env filled in a configuration that holds in production', () => {
  const wanted = read('.env.example')
    .split('\n')
    .flatMap((line) => /^([A-Z_]+)=(.*)$/.exec(line)?.slice(1, 3).join('=') ?? []);
  const given = Object.fromEntries(wanted.map((pair) => pair.split(/=(.*)/s).slice(0, 2)));
  const secrets = {
    POSTGRES_PASSWORD: 'p'.repeat(16),
    BOUCLE_PEPPER: 'a'.repeat(64),
    BOUCLE_LINK_SECRET: 'b'.repeat(64),
  };
  expect(Object.keys(given)).toEqual(expect.arrayContaining(Object.keys(secrets)));
  for (const name of ours) {
    const environment = serviceNamed(name).environment ?? {};
    expect(Object.keys(ENV_KEYS)).toEqual(expect.arrayContaining(Object.keys(environment)));
    expect(() => Object.values(environment).map((v) => substituted(v, {}))).toThrow('is not set');
    const full = Object.fromEntries(
      Object.entries(environment).map(([key, value]) => [key, substituted(value, { ...given, ...secrets })]),
    );
    expect(readEnv(full)).toMatchObject({
      NODE_ENV: 'production',
      TEMPORAL_ADDRESS: 'temporal:7233',
      SMTP_URL: 'smtp://mail:1025',
      WEBHOOKS_ANYWHERE: false,
    });
  }
});

test('the image is built from what is here, runs as nobody special and is asked whether it lives', () => {
  const lines = read('deploy/Dockerfile').replaceAll('\\\n', ' ').split('\n');
  const stages = lines.filter((l) => l.startsWith('FROM '));
  expect(stages).toHaveLength(2);
  for (const stage of stages) expect(stage).toMatch(/node:24-bookworm-slim/);
  expect(lines.findLast((l) => l.startsWith('USER '))).toBe('USER node');
  expect(lines.some((l) => l.startsWith('HEALTHCHECK '))).toBe(true);
  expect(lines.join('\n')).toContain('ca-certificates');
  for (const line of lines.filter((l) => l.startsWith('COPY '))) {
    const sources = line
      .split(' ')
      .slice(1, -1)
      .filter((word) => !word.startsWith('--'));
    for (const source of sources) {
      const path = source.replace(/^\/app\//, '');
      if (!['dist', 'node_modules'].includes(path))
        expect({ path, there: existsSync(fromRoot(path)) }).toEqual({ path, there: true });
    }
  }
  const [script = ''] = /dist\/\S+?\.js/.exec(lines.findLast((l) => l.startsWith('CMD ')) ?? '') ?? [];
  expect(existsSync(fromRoot(script.replace(/^dist\//, '').replace(/js$/, 'ts')))).toBe(true);
});

test('nothing secret enters the image', () => {
  expect(read('.dockerignore').split('\n')).toEqual(
    expect.arrayContaining(['.env', '.boucle', '.git', 'node_modules']),
  );
  expect(read('.gitignore').split('\n')).toContain('.env');
});
