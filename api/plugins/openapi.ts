import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { mappingSchema } from '../../domain/profiles/mapping';
import { scenarioSchema } from '../../domain/campaigns/scenario';
import { ruleSchema } from '../../domain/segments/rule';
import { eventSchema } from '../../domain/events/event';
import { problemSchema } from '../schemas/common';
import type { App } from '../types';

/** Schemas with a name in the document that they do not give themselves. A rule refers to itself, so it needs one. */
const NAMED = {
  Problem: problemSchema,
  Rule: ruleSchema,
  Scenario: scenarioSchema,
  Mapping: mappingSchema,
  Event: eventSchema,
} as const;

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;
const PROBLEM = {
  description: 'What went wrong, with a stable code.',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};
const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same key with the same request: the same answer for 24 hours.',
  schema: { type: 'string', maxLength: 200 },
};

export async function registerOpenApi(app: App, version: string): Promise<void> {
  for (const [id, schema] of Object.entries(NAMED)) {
    z.globalRegistry.add(schema, { ...z.globalRegistry.get(schema), id });
  }
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Boucle',
        version,
        description:
          'The CRM campaign loop as durable workflows. Errors are problem+json; every key has roles.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: {
        securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'bcl_<id>_<secret>' } },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => completed(jsonSchemaTransformObject(document)),
  });
  await app.register(fastifySwaggerUi, {
    routePrefix: '/docs',
    staticCSP: true,
    uiConfig: { persistAuthorization: true },
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}

/** What holds for every operation under /v1 is said here once, not in each route. */
function completed<T extends object>(document: T): T {
  for (const [path, item] of Object.entries(recordAt(document, 'paths'))) {
    if (!path.startsWith('/v1/')) continue;
    for (const method of METHODS) {
      const operation = recordAt(item, method);
      operation['security'] = [{ apiKey: [] }];
      operation['responses'] = { ...recordAt(operation, 'responses'), default: PROBLEM };
      if (method === 'get') continue;
      const parameters = operation['parameters'];
      // A route of two methods has one list of them.
      const known: unknown[] = Array.isArray(parameters) ? parameters : [];
      operation['parameters'] = [...known.filter((one) => one !== IDEMPOTENCY_KEY), IDEMPOTENCY_KEY];
    }
  }
  dropUnused(document);
  return document;
}

/** Every schema with a name comes in two forms, as taken and as answered; mostly only one of them is used. */
function dropUnused(document: object): void {
  const schemas = recordAt(recordAt(document, 'components'), 'schemas');
  const used = new Set<string>();
  const visit = (text: string): void => {
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (name === undefined || used.has(name)) continue;
      used.add(name);
      visit(JSON.stringify(schemas[name] ?? null));
    }
  };
  visit(JSON.stringify(recordAt(document, 'paths')));
  for (const name of Object.keys(schemas)) if (!used.has(name)) delete schemas[name];
}

/** The object under a key; an empty one of its own where there is none. */
function recordAt(value: unknown, key: string): Record<string, unknown> {
  const inner: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return isRecord(inner) ? inner : {};
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
