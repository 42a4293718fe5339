import { createDevicesStore } from '../../store/devices-store';
import { createCatalogStore } from '../../store/catalog-store';
import { createDataQualityStore } from '../../store/data-quality-store';
import { createDeadLettersStore } from '../../store/dead-letters-store';
import { createEventIntake, eventRules, keptRules } from '../../store/event-intake';
import { createEventsStore } from '../../store/events-store';
import { createImportsStore } from '../../store/imports-store';
import { createOffersStore } from '../../store/offers-store';
import { createMergesStore } from '../../store/merges-store';
import { createPersonaMatrixStore } from '../../store/persona-matrix-store';
import { createMembershipsStore } from '../../store/memberships-store';
import { explainMembership } from '../../store/segments/explain-membership';
import { segmentKpis } from '../../store/segments/kpis';
import { segmentOverlaps, segmentUses } from '../../store/segments/uses';
import { simulate } from '../../store/segments/simulate';
import { createSegmentsStore } from '../../store/segments-store';
import { createSourcesStore } from '../../store/sources-store';
import type { App } from '../types';
import { catalogRoutes } from '../routes/catalog';
import { dataQualityRoutes } from '../routes/data-quality';
import { deadLettersRoutes } from '../routes/dead-letters';
import { devicesRoutes } from '../routes/devices';
import { eventsRoutes } from '../routes/events';
import { importMappingsRoutes } from '../routes/import-mappings';
import { importsRoutes } from '../routes/imports';
import { membershipsRoutes } from '../routes/memberships';
import { offersRoutes } from '../routes/offers';
import { personaMatrixRoutes } from '../routes/persona-matrix';
import { profileMergesRoutes } from '../routes/profile-merges';
import { profilesRoutes } from '../routes/profiles';
import { segmentFactsRoutes } from '../routes/segment-facts';
import { segmentLifeRoutes } from '../routes/segment-life';
import { segmentsRoutes } from '../routes/segments';
import { sourcesRoutes } from '../routes/sources';
import type { Shared } from './shared';

/** Who there is: profiles, what they did, their devices, the segments they are in, and files they come from. */
export async function people(app: App, shared: Shared): Promise<void> {
  const { db, settings, orchestrator, idempotency, profiles, resolve } = shared;
  const { pepper, publicUrl } = settings;
  const imports = createImportsStore(db.app);
  profilesRoutes(app, { profiles });
  dataQualityRoutes(app, { quality: createDataQualityStore(db), now: () => new Date() });
  sourcesRoutes(app, { sources: createSourcesStore(db.app) });
  profileMergesRoutes(app, { merges: createMergesStore(db, pepper) });
  const deadLetters = createDeadLettersStore(db);
  const rules = eventRules(db.app, settings.unknownEventTypes ?? 'accept');
  const intake = createEventIntake({
    events: createEventsStore(db.app, pepper),
    deadLetters,
    rules: keptRules(rules),
  });
  eventsRoutes(app, { intake });
  offersRoutes(app, { offers: createOffersStore(db.app) });
  catalogRoutes(app, { catalog: createCatalogStore(db.app) });
  deadLettersRoutes(app, { deadLetters, intake });
  devicesRoutes(app, { devices: createDevicesStore(db, pepper), resolve });
  const segments = createSegmentsStore(db.app);
  segmentsRoutes(app, { segments });
  const memberships = createMembershipsStore(db.app);
  membershipsRoutes(app, {
    memberships,
    profiles,
    explain: (given) => explainMembership(db.app, given, new Date()),
  });
  segmentFactsRoutes(app, {
    get: (key) => segments.get(key),
    live: (key) => segments.live(key),
    kpis: (given) => segmentKpis(db.app, given, new Date()),
    overlaps: (key) => segmentOverlaps(db.app, key),
    uses: (key) => segmentUses(db.app, key),
  });
  segmentLifeRoutes(app, {
    segments,
    size: (key) => memberships.size(key),
    simulate: (given) => simulate(db.app, given),
  });
  await personaMatrixRoutes(app, { matrix: createPersonaMatrixStore(db.app) });
  await importsRoutes(app, { imports, eventRules: rules, idempotency, orchestrator, publicUrl });
  importMappingsRoutes(app, { imports, eventRules: rules });
}
