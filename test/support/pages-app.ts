import fastify from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import sharp from 'sharp';
import { pagesRoutes } from '../../api/pages/pages-routes';
import type { PagesDeps } from '../../api/pages/pages-deps';
import { registerErrors } from '../../api/plugins/errors';
import { registerSecurityHeaders } from '../../api/plugins/security-headers';
import { createAccessStore } from '../../store/access-store';
import { createCampaignPageStore } from '../../store/campaign-page-store';
import { createHoldoutsStore } from '../../store/experiments/holdout-lift';
import { createFinishedTestsStore } from '../../store/finished-tests-store';
import { createCampaignsReadStore } from '../../store/campaigns-read-store';
import type { Sql } from '../../store/db';

/** The pages with the api's own errors and headers around them, and a drawn picture for each asset. */
export async function pagesApp(sql: Sql, change: Partial<PagesDeps> = {}) {
  const app = fastify().withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  registerErrors(app);
  registerSecurityHeaders(app);
  app.get<{ Params: { name: string } }>('/assets/:name', async (request, reply) => {
    const hue = (parseInt(request.params.name.slice(0, 1), 16) || 0) * 22;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="600" height="300"><rect width="600" height="300" fill="hsl(${hue},38%,78%)"/><circle cx="430" cy="150" r="90" fill="hsl(${hue},45%,60%)"/></svg>`;
    return reply.type('image/png').send(await sharp(Buffer.from(svg)).png().toBuffer());
  });
  await pagesRoutes(app, {
    campaigns: createCampaignsReadStore(sql),
    pages: createCampaignPageStore(sql),
    tests: createFinishedTestsStore(sql),
    holdouts: createHoldoutsStore(sql),
    access: createAccessStore(sql),
    linkSecret: 'a-secret-for-tests-only',
    publicUrl: 'http://127.0.0.1:8080',
    temporal: { uiUrl: 'http://127.0.0.1:8233', namespace: 'default' },
    anonymous: true,
    sharedMs: 0,
    ...change,
  });
  return app;
}
