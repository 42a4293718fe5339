import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import {
  anything,
  dryRunAnswer,
  importAnswer,
  rejectsAnswer,
  startedAnswer,
  type ImportAnswer,
} from './answers';
import { ApiProblem, type ApiClient } from './api-client';
import type { DemoInputs } from './inputs';
import { thousands, type Teller } from './teller';

const IMPORT_PATIENCE_MS = 300_000;

export interface DemoKeys {
  readonly author: ApiClient;
  readonly approver: ApiClient;
}

/** Two people of the company: who writes campaigns, and who approves them and has a Slack account. */
export async function makeKeys(
  admin: ApiClient,
  slackUser: { readonly id: string; readonly name: string },
): Promise<DemoKeys> {
  const answer = z.object({ key: z.string() });
  const keyFor = async (body: object): Promise<ApiClient> =>
    admin.as((await admin.patiently({ method: 'POST', path: '/v1/api-keys', body, answer })).key);
  const approving = { principal: slackUser.name, roles: ['approver'] };
  const author = await keyFor({ principal: 'demo.author', roles: ['editor'] });
  try {
    return { author, approver: await keyFor({ ...approving, slackUser: slackUser.id }) };
  } catch (fault) {
    // An earlier demo on this data folder has made their Slack account known: this key is one more of theirs.
    if (!(fault instanceof ApiProblem && fault.code === 'conflict')) throw fault;
    return { author, approver: await keyFor(approving) };
  }
}

/** Sends the file and waits until it is read; says what came of it, reason by reason. */
export async function importPeople(
  api: ApiClient,
  inputs: DemoInputs,
  teller: Teller,
): Promise<ImportAnswer> {
  const { mapping, csv, filename } = inputs;
  const lines = inputs.generated?.lines ?? Math.max(1, inputs.people.length);
  await api.call({
    method: 'PUT',
    path: `/v1/imports/mappings/${mapping.import.key}`,
    body: mapping.import,
    answer: anything,
  });
  const { id } = await api.call({
    method: 'POST',
    path: `/v1/imports?mapping=${mapping.import.key}&filename=${encodeURIComponent(filename)}`,
    text: { contentType: 'text/csv', content: csv },
    answer: z.object({ id: z.string() }),
    timeoutMs: IMPORT_PATIENCE_MS,
  });
  const until = Date.now() + IMPORT_PATIENCE_MS;
  for (;;) {
    const found = await api.patiently({ path: `/v1/imports/${id}`, answer: importAnswer });
    if (found.state === 'failed') throw new Error(`The import failed: ${found.error ?? 'no reason given'}`);
    if (found.state === 'done') {
      teller.end();
      await sayImport(api, inputs, found, teller);
      return found;
    }
    if (Date.now() > until)
      throw new Error(`The import is still ${found.state} after ${IMPORT_PATIENCE_MS / 1_000} s.`);
    if (found.rows > 0) teller.progress('Reading', found.rows, lines, 'lines');
    await sleep(300);
  }
}

async function sayImport(
  api: ApiClient,
  inputs: DemoInputs,
  found: ImportAnswer,
  teller: Teller,
): Promise<void> {
  teller.say(
    `  ${thousands(found.rows)} lines read: ${thousands(found.created)} new people, ${thousands(found.merged + found.unchanged)} lines about somebody known already ` +
      `(${thousands(found.unchanged)} of them without news), ${thousands(found.rejected)} refused.`,
  );
  teller.say(
    `  With them ${thousands(found.events)} past purchases and ${thousands(found.consents)} consents.`,
  );
  if (found.rejected > 0) {
    const reasons = new Map<string, { count: number; words: string }>();
    let after: string | null = null;
    do {
      const page: z.infer<typeof rejectsAnswer> = await api.call({
        path: `/v1/imports/${found.id}/rejects?limit=1000${after === null ? '' : `&after=${encodeURIComponent(after)}`}`,
        answer: rejectsAnswer,
      });
      for (const { field, code, reason } of page.items) {
        const known = reasons.get(`${code} in ${field}`);
        reasons.set(`${code} in ${field}`, { count: (known?.count ?? 0) + 1, words: reason });
      }
      after = page.next;
    } while (after !== null);
    teller.say('  Why lines were refused:');
    for (const [name, { count, words }] of [...reasons].sort((a, b) => b[1].count - a[1].count)) {
      teller.say(`    ${String(count).padStart(5)}  ${name.replace(' in *', '')}: ${words}`);
    }
  }
  if (inputs.madeUp.length > 0)
    teller.say(
      `  Made up, seeded: ${inputs.madeUp.join(', ')}${inputs.mapping.madeUp ? ', and the consents' : ''}.`,
    );
}

/** Segments, offers, persona matrix and scenario: drafted, then validated. Who approves campaigns approves the matrix. */
export async function defineCampaign(
  { author: api, approver }: DemoKeys,
  inputs: DemoInputs,
  teller: Teller,
): Promise<void> {
  for (const { key, name, rule } of inputs.segments) {
    const path = `/v1/segments/${key}`;
    const put = await api.call({
      method: 'PUT',
      path,
      body: { name, rule },
      answer: z.object({ version: z.number() }),
    });
    const body = { version: put.version };
    await api.call({ method: 'POST', path: `${path}/simulate`, body, answer: anything, timeoutMs: 60_000 });
    await api.call({ method: 'POST', path: `${path}/live`, body, answer: anything });
  }
  const { size } = await api.call({
    method: 'POST',
    path: `/v1/segments/${inputs.scenario.audience.segment}/preview`,
    body: {},
    answer: z.object({ size: z.number() }),
    timeoutMs: 60_000,
  });
  teller.say(`  Segment “${inputs.scenario.audience.segment}”: ${thousands(size)} people at this moment.`);
  for (const { code, ...body } of inputs.offers)
    await api.call({ method: 'PUT', path: `/v1/offers/${code}`, body, answer: anything });
  const matrix = await api.call({
    method: 'PUT',
    path: '/v1/persona-matrix',
    text: { contentType: 'text/csv', content: inputs.matrixCsv },
    answer: z.object({ version: z.number(), state: z.string(), rows: z.array(z.unknown()) }),
  });
  if (matrix.state === 'proposed')
    await approver.call({
      method: 'POST',
      path: `/v1/persona-matrix/versions/${matrix.version}/approve`,
      answer: anything,
    });
  teller.say(
    `  Persona matrix version ${matrix.version}: ${matrix.rows.length} personas, approved by a second person.`,
  );

  const { scenario } = inputs;
  const versionAnswer = z.object({ version: z.number() });
  const drafted = await api
    .call({ method: 'PUT', path: `/v1/scenarios/${scenario.key}`, body: scenario, answer: versionAnswer })
    .catch((fault: unknown) => {
      if (!(fault instanceof ApiProblem && fault.status === 404)) throw fault;
      return api.call({ method: 'POST', path: '/v1/scenarios', body: scenario, answer: versionAnswer });
    });
  await api.call({
    method: 'POST',
    path: `/v1/scenarios/${scenario.key}/validate`,
    body: { version: drafted.version },
    answer: anything,
  });
  teller.say(`  Scenario “${scenario.name}” version ${drafted.version}: drafted and validated.`);
}

export async function dryRun(api: ApiClient, inputs: DemoInputs, teller: Teller): Promise<void> {
  const found = await api.call({
    method: 'POST',
    path: `/v1/scenarios/${inputs.scenario.key}/dry-run`,
    body: {},
    answer: dryRunAnswer,
    timeoutMs: 120_000,
  });
  const { audience, gate, creatives, estimate } = found;
  teller.say(
    `  It would concern ${thousands(audience.members)} of ${thousands(audience.matched)} people${excludedWords(audience)}.`,
  );
  teller.say(
    `  Pilot ${thousands(audience.parts.pilot)}, test ${thousands(audience.parts.test)}, roll-out ${thousands(audience.parts.rollout)}; ` +
      `at this moment the gate would let ${thousands(gate.allowed)} through.`,
  );
  teller.say(
    `  ${creatives.rendered} creatives, ${creatives.rejected} rejected; ${thousands(estimate.messages)} messages at ${Math.round(estimate.messagesPerSecond)} a second: ` +
      `about ${Math.round(estimate.totalSeconds)} s in all.`,
  );
  const blocking = new Map<string, string[]>();
  for (const { persona, arm, check, severity, message } of creatives.findings) {
    if (severity !== 'blocking') continue;
    const words = `${check}: ${message}`;
    blocking.set(words, [...(blocking.get(words) ?? []), `${persona} × ${arm}`]);
  }
  for (const [words, places] of blocking) teller.say(`    rejected for ${words} (${places.join(', ')})`);
  for (const problem of found.problems) teller.say(`  Problem: ${problem}`);
}

export function excludedWords({
  excluded,
  holdout,
}: {
  readonly excluded: Readonly<Record<string, number>>;
  readonly holdout: number;
}): string {
  const parts = Object.entries(excluded)
    .filter(([, n]) => n > 0)
    .sort((a, b) => b[1] - a[1])
    .map(([reason, n]) => `${reason} ${thousands(n)}`);
  if (holdout > 0) parts.push(`holdout ${thousands(holdout)}`);
  return parts.length === 0 ? '' : ` (left out: ${parts.join(', ')})`;
}

export const startCampaign = (api: ApiClient, scenarioKey: string): Promise<z.infer<typeof startedAnswer>> =>
  api.call({
    method: 'POST',
    path: '/v1/campaigns',
    body: { scenario: scenarioKey, start: 'now' },
    answer: startedAnswer,
    timeoutMs: 60_000,
  });
