/** Ids, counts and words a run of a campaign is started with. */
export interface CampaignStart {
  readonly campaignId: string;
  readonly workflowId: string;
  readonly scenarioKey: string;
  readonly scenarioVersion: number;
  readonly title: string;
  readonly objective: string;
  readonly market: string;
  readonly department: string;
}

export interface CampaignRequest {
  readonly scenario: string;
  /** Left out: the latest validated version. */
  readonly version?: number;
  readonly by: string;
  /** Where the caller must get one and the same campaign however often it asks: what the id is derived from. */
  readonly once?: string;
}

/** The rows of campaigns that are about to start. Implemented by store/campaigns-create-store.ts. */
export interface CampaignRows {
  /** Checks and inserts. Asked again for the same `once` it answers the row that is there. */
  create(request: CampaignRequest): Promise<CampaignStart>;
  /** Throws not-found. */
  find(campaignId: string): Promise<CampaignStart>;
  setRunId(campaignId: string, runId: string): Promise<void>;
  /** Takes a campaign back that Temporal never took on. */
  remove(campaignId: string): Promise<void>;
}

export interface StartedCampaign {
  readonly campaignId: string;
  readonly workflowId: string;
  readonly runId: string;
}
