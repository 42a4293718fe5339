import { createDevicesStore } from '../../store/devices-store';
import { createEventsStore } from '../../store/events-store';
import { createImportsStore } from '../../store/imports-store';
import { createPersonaMatrixStore } from '../../store/persona-matrix-store';
import { createMembershipsStore } from '../../store/memberships-store';
import { explainMembership } from '../../store/segments/explain-membership';
import { segmentKpis } from '../../store/segments/kpis';
import { segmentOverlaps, segmentUses } from '../../store/segments/uses';
import { simulate } from '../../store/segments/simulate';
import { createSegmentsStore } from '../../store/segments-store';
import type { App } from '../types';
import { devicesRoutes } from '../routes/devices';
import { eventsRoutes } from '../routes/events';
import { importMappingsRoutes } from '../routes/import-mappings';
import { importsRoutes } from '../routes/imports';
import { membershipsRoutes } from '../routes/memberships';
import { personaMatrixRoutes } from '../routes/persona-matrix';
import { profilesRoutes } from '../routes/profiles';
import { segmentFactsRoutes } from '../routes/segment-facts';
import { segmentLifeRoutes } from '../routes/segment-life';
import { segmentsRoutes } from '../routes/segments';
import type { Shared } from './shared';

/** Who there is: profiles, what they did, their devices, the segments they are in, and files they come from. */
export async function people(app: App, shared: Shared): Promise<void> {
  const { db, settings, orchestrator, idempotency, profiles, resolve } = shared;
  const { pepper, publicUrl } = settings;
  const imports = createImportsStore(db.app);
  profilesRoutes(app, { profiles });
  eventsRoutes(app, { events: createEventsStore(db.app, pepper) });
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
  await importsRoutes(app, { imports, idempotency, orchestrator, publicUrl });
  importMappingsRoutes(app, { imports });
}
