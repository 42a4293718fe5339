import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDiskBlobStore } from '../../adapters/assets/disk-blob-store';
import { createCreativesActivities } from '../../activities/creatives';
import { loadBrands } from '../../config/brands';
import { scenarioSchema } from '../../domain/campaigns/scenario';
import { createAudienceStore } from '../../store/audience-store';
import { createCampaignsStore } from '../../store/campaigns-store';
import { createCreativesStore } from '../../store/creatives-store';
import { createPoliciesStore } from '../../store/policies-store';
import { freshDatabase } from './database';
import { plainScenario } from './scenario';

export const campaignId = 'ccreatives00';
export const scenario = scenarioSchema.parse(
  plainScenario({
    audience: { segment: 'adultes', personas: ['adultes'], fallbackPersona: 'autres' },
    arms: [
      { key: 'temoin', label: 'Témoin', weight: 1, control: true },
      { key: 'a', label: 'A', weight: 1 },
      { key: 'b', label: 'B', weight: 1, content: { subject: 'Une autre idée' } },
    ],
    experiment: { testShare: 0.5 },
  }),
);

export type CreativesUnderTest = Awaited<ReturnType<typeof creativesUnderTest>>;

/** A campaign in QA: two arms that send, three people of two personas; nothing is rendered yet. */
export async function creativesUnderTest() {
  const fresh = await freshDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'creatives-'));
  const sql = fresh.db.app;
  const definition = sql.json(JSON.parse(JSON.stringify(scenario)));
  await sql`insert into persona_matrix_versions (version, csv, sha256, created_by, state) values (1, '', '', 'alice', 'approved')`;
  for (const [ordinal, segment] of ['adultes', 'autres', 'personne'].entries()) {
    await sql`insert into persona_matrix_rows (version, ordinal, segment_id, value_tier, behavior_cluster, state, key_message, visual_guideline, offer_code)
      values (1, ${ordinal}, ${segment}, 'm', 'r', 'a', 'La livraison est offerte.', ${`Salon ${segment}`}, 'AUTOMNE')`;
  }
  await sql`insert into scenarios (key, version, status, definition, created_by) values (${scenario.key}, 1, 'validated', ${definition}, 'alice')`;
  await sql`insert into campaigns (id, scenario_key, scenario_version, scenario, matrix_version, seed, workflow_id, created_by, stage)
    values (${campaignId}, ${scenario.key}, 1, ${definition}, 1, 's', ${`campaign.${campaignId}`}, 'alice', 'qa')`;
  await sql`insert into audiences (campaign_id, matched, excluded, holdout, members, arms, parts, personas, definition_sha256)
    values (${campaignId}, 3, '{}', 0, 3, '{}', '{"pilot":0,"test":3,"rollout":0}', '{"adultes":2,"autres":1}', 'def')`;
  const rendering: Parameters<typeof createCreativesActivities>[0] = {
    store: createCreativesStore(sql),
    campaigns: createCampaignsStore(sql),
    audiences: createAudienceStore(fresh.db),
    policies: createPoliciesStore(sql),
    blobs: createDiskBlobStore(folder),
    brandOf: (key) => {
      const brand = loadBrands().get(key);
      if (brand === undefined) throw new Error('no brand');
      return brand;
    },
    publicUrl: 'https://crm.example.test',
    picturesDir: folder,
    policyVersion: '1',
  };
  const activities = createCreativesActivities(rendering);
  return {
    sql,
    rendering,
    activities,
    renderAll: async () => {
      const made = [];
      for (const task of await activities.planCreatives({ campaignId }))
        made.push(await activities.renderCreative({ campaignId, ...task }));
      return made;
    },
    close: async () => {
      await fresh.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
