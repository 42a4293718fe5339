/**
 * What a run can be found by in Temporal, all of type Keyword. They must be registered before the first run: an
 * unknown one in an upsert hangs it.
 */
export const SEARCH_ATTRIBUTES = [
  'CampaignId',
  'Scenario',
  'Stage',
  'Market',
  'Department',
  'BlockedOn',
] as const;

export type SearchAttribute = (typeof SEARCH_ATTRIBUTES)[number];
