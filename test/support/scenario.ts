import type { ScenarioInput } from '../../domain/campaigns/scenario';
import type { ApiUnderTest } from './api';
import { putOffersOf } from './matrix';

export const MATRIX_CSV =
  'segment_id,value_tier,behavior_cluster,state,key_message,visual_guideline,offer_code\n' +
  'adultes,moyenne,regulier,actif,"La livraison est offerte, pendant quinze jours.",Salon vivant,AUTOMNE\n';

/** A scenario without a test that can be run where `prepareSurroundings` was called. */
export const plainScenario = (change: Partial<ScenarioInput> = {}): ScenarioInput => ({
  key: 'automne',
  name: 'Sélection d’automne',
  owner: 'Équipe CRM',
  department: 'crm',
  brand: 'maison-lumen',
  objective: 'Faire connaître la sélection d’automne.',
  hypothesis: 'Un message simple amène des visites.',
  primaryMetric: { event: 'visit', windowSeconds: 604_800 },
  northStar: 'Clients actifs à douze mois',
  nature: 'promotion',
  audience: { segment: 'adultes', personas: ['adultes'] },
  content: {
    subject: 'Notre sélection d’automne',
    preheader: 'Des lampes choisies pour les soirs qui rallongent.',
    headline: 'La lumière qui fait du bien',
    body: 'Les soirées rallongent.',
    ctaLabel: 'Voir la sélection',
    ctaUrl: 'https://www.maison-lumen.example/automne',
    heroAlt: 'Un salon le soir',
    heroPalette: 'warm',
  },
  arms: [{ key: 'message', label: 'Le message', weight: 1 }],
  rollout: { waves: [1], observeSeconds: 60 },
  approval: {},
  ...change,
});

/** As people do it: written, tried, live. */
export async function putLiveSegment(api: ApiUnderTest, key: string, rule: unknown): Promise<void> {
  const put = await api.call('PUT', `/v1/segments/${key}`, { body: { name: key, rule } });
  const body = { version: put.json().version };
  await api.call('POST', `/v1/segments/${key}/simulate`, { body });
  const live = await api.call('POST', `/v1/segments/${key}/live`, { body });
  if (live.statusCode !== 200) throw new Error(`segment ${key} did not go live: ${live.body}`);
}

/** As people do it: the editor proposes, the approver approves. */
export async function putMatrixByApi(api: ApiUnderTest, csv: string): Promise<void> {
  await putOffersOf(api.database.db.app, csv);
  const headers = { 'content-type': 'text/csv' };
  const put = await api.call('PUT', '/v1/persona-matrix', { body: csv, headers });
  if (put.statusCode !== 200) throw new Error(`the matrix was not proposed: ${put.body}`);
  const { version, state } = put.json();
  if (state === 'approved') return;
  const approved = await api.call('POST', `/v1/persona-matrix/versions/${version}/approve`, {
    as: 'approver',
  });
  if (approved.statusCode !== 200) throw new Error(`the matrix was not approved: ${approved.body}`);
}

/** The segment and the matrix that the scenario names. */
export async function prepareSurroundings(api: ApiUnderTest): Promise<void> {
  await putLiveSegment(api, 'adultes', { attribute: 'age', op: 'gte', value: 18 });
  await putMatrixByApi(api, MATRIX_CSV);
}

/** A validated scenario, ready to be started. */
export async function prepareScenario(
  api: ApiUnderTest,
  change: Partial<ScenarioInput> = {},
): Promise<string> {
  await prepareSurroundings(api);
  const scenario = plainScenario(change);
  await api.call('POST', '/v1/scenarios', { body: scenario });
  const validated = await api.call('POST', `/v1/scenarios/${scenario.key}/validate`);
  if (validated.statusCode !== 200) throw new Error(validated.body);
  return scenario.key;
}
