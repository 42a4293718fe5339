import { createInAppSessions } from '../../adapters/links/in-app-session';
import { createAttributionStore } from '../../store/attribution-store';
import { createCalendarStore } from '../../store/calendar-store';
import { createContactHistoryStore } from '../../store/contact-history-store';
import { createContactsStore } from '../../store/contacts-store';
import { createExperimentsStore } from '../../store/experiments-store';
import { createExplainStore } from '../../store/explain-store';
import { createInAppStore } from '../../store/in-app-store';
import { createLedgerStore } from '../../store/ledger-store';
import { createPoliciesStore } from '../../store/policies-store';
import { createSolicitationStore } from '../../store/solicitation-store';
import type { App } from '../types';
import { calendarRoutes } from '../routes/calendar';
import { contactsImportRoutes } from '../routes/contacts-import';
import { deliveriesRoutes } from '../routes/deliveries';
import { inAppRoutes } from '../routes/in-app';
import { messagesRoutes } from '../routes/messages';
import { policiesRoutes } from '../routes/policies';
import { settlementsRoutes } from '../routes/settlements';
import { solicitationRoutes } from '../routes/solicitation';
import type { Shared } from './shared';

/** What is sent, to whom, under which rules, and why. */
export async function sending(app: App, shared: Shared): Promise<void> {
  const { db, settings, named, orchestrator, campaigns, schedules, profiles, messages, idempotency } = shared;
  const { pepper, linkSecret } = settings;
  const deliveries = createLedgerStore(db.app);
  messagesRoutes(app, { messages, resolve: shared.resolve });
  settlementsRoutes(app, { campaigns, deliveries });
  deliveriesRoutes(app, {
    campaigns,
    deliveries,
    attribution: createAttributionStore(db.app),
    experiments: createExperimentsStore(db.app),
    history: createContactHistoryStore(db.app),
    explain: createExplainStore(db.app),
    profiles,
  });
  policiesRoutes(app, { policies: createPoliciesStore(db.app) });
  await contactsImportRoutes(app, { contacts: createContactsStore(db.app, pepper), idempotency });
  calendarRoutes(app, { calendar: createCalendarStore(db.app), schedules, orchestrator });
  solicitationRoutes(app, { solicitation: createSolicitationStore(db.app) });
  await inAppRoutes(app, {
    inApp: createInAppStore(db),
    sessions: createInAppSessions(linkSecret),
    brands: named.brands,
    resolve: shared.resolve,
  });
}
