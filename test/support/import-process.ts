/** A worker with nothing to do but one import; it is there to be killed. */
import { createProfilesActivities } from '../../activities/profiles';
import { connect } from '../../store/db';
import { createImportBatches } from '../../store/import-batches';
import { createImportsStore } from '../../store/imports-store';
import { eventTypesOf, PEPPER } from './imports';

process.once('message', (message: { databaseUrl: string; importId: string }) => {
  const db = connect(message.databaseUrl, 4);
  const { runImport } = createProfilesActivities({
    imports: createImportsStore(db.app),
    batches: createImportBatches(db.identity, PEPPER),
    eventTypes: eventTypesOf(db),
    heartbeat: () => {},
  });
  void runImport({ importId: message.importId })
    .then(() => db.close())
    .then(() => process.exit(0));
});
process.send?.('ready');
