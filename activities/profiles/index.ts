import type { ProfilesActivities } from '../contract';
import { guarded } from '../failure';
import { runImport, type RunImportDeps } from './run-import';

export type ProfilesDeps = RunImportDeps;

export function createProfilesActivities(deps: ProfilesDeps): ProfilesActivities {
  return { runImport: ({ importId }) => guarded(() => runImport(deps, importId)) };
}
