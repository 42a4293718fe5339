/** Search attributes of every campaign run, all of type Keyword; registered at start-up (an unregistered one hangs a run). */
export const SEARCH_ATTRIBUTES = ['CampaignId', 'Scenario', 'Stage', 'Market', 'Department', 'BlockedOn'] as const;
export type SearchAttribute = (typeof SEARCH_ATTRIBUTES)[number];
