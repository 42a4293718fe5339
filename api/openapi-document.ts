import { version } from '../config/revision';
import { connect } from '../store/db';
import { buildApp } from './app';
import type { Orchestrator } from './orchestrator';

/** Nothing is asked of these while the document is made. */
const nowhere = async (): Promise<never> => {
  throw new Error('the document is made without asking anybody');
};
const orchestrator: Orchestrator = {
  startRun: nowhere,
  startImport: nowhere,
  dryRun: nowhere,
  decide: nowhere,
  command: nowhere,
  createSchedule: nowhere,
  moveSchedule: nowhere,
  cancelSchedule: nowhere,
  nextFiring: nowhere,
  firings: nowhere,
  ping: nowhere,
};

/** The OpenAPI 3.1 document as JSON text: what docs/openapi.json holds and /openapi.json serves. Connects to nothing. */
export async function openApiDocument(): Promise<string> {
  const db = connect('postgres://nobody@127.0.0.1:1/nothing', 1);
  const app = await buildApp({
    db,
    orchestrator,
    blobs: { put: nowhere, get: nowhere },
    brands: new Map(),
    settings: {
      publicUrl: 'http://127.0.0.1:8080',
      temporalUiUrl: 'http://127.0.0.1:8233',
      temporalNamespace: 'default',
      pepper: 'not used by the document',
      linkSecret: 'not used by the document',
      slackSigningSecret: undefined,
      providerWebhookSecret: undefined,
      webhooksAnywhere: false,
      openPages: false,
      version: version(),
    },
  });
  try {
    return `${JSON.stringify(app.swagger(), null, 2)}\n`;
  } finally {
    await app.close();
    await db.close();
  }
}
