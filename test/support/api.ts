import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { buildApp, type ApiDeps } from '../../api/app';
import type { CommandKind, Orchestrator } from '../../api/orchestrator';
import type { App } from '../../api/types';
import { loadBrands } from '../../config/brands';
import type { Decision, DecisionAnswer } from '../../domain/approvals/decision';
import type { DryRunReport } from '../../domain/campaigns/dry-run';
import type { CampaignStart } from '../../domain/campaigns/starting';
import { ROLES, type Role } from '../../domain/shared/words';
import { createAccessStore } from '../../store/access-store';
import type { CampaignSchedule } from '../../store/campaign-schedules-store';
import type { CampaignState, Command } from '../../workflows/campaign/contract';
import { freshDatabase, type FreshDatabase } from './database';

export const LINK_SECRET = 'a-secret-for-tests-only';
export const SIGNING_SECRET = 'a-signing-secret-for-tests';
export const WEBHOOK_SECRET = 'a-webhook-secret-for-tests';
export const BOUNCE_SECRET = 'a-bounce-secret-for-tests';

/** Temporal as the routes see it: notes what it is asked, answers what a test tells it to. */
export class FakeOrchestrator implements Orchestrator {
  readonly started: CampaignStart[] = [];
  readonly imports: string[] = [];
  readonly decisions: { workflowId: string; decision: Decision }[] = [];
  readonly commands: { workflowId: string; kind: CommandKind; command: Command }[] = [];
  readonly schedules = new Map<string, CampaignSchedule>();
  /** Thrown by every call while set. */
  fault: Error | null = null;
  answer: DecisionAnswer | 'kept' = { outcome: 'counted', state: 'approved', missing: 0 };
  commandAnswer: CampaignState | 'kept' = {
    stage: 'pilot',
    hold: 'paused',
    blockedOn: null,
    waitingForApproval: null,
  };
  report: DryRunReport | null = null;

  private check(): void {
    if (this.fault !== null) throw this.fault;
  }
  async startRun(campaign: CampaignStart): Promise<string> {
    this.check();
    this.started.push(campaign);
    return `run-of-${campaign.campaignId}`;
  }
  async startImport(importId: string): Promise<void> {
    this.check();
    this.imports.push(importId);
  }
  async dryRun(input: {
    dryRunId: string;
    scenarioKey: string;
    scenarioVersion: number;
  }): Promise<DryRunReport> {
    this.check();
    return (
      this.report ?? {
        dryRunId: input.dryRunId,
        scenario: { key: input.scenarioKey, version: input.scenarioVersion },
        audience: {
          matched: 0,
          excluded: {},
          holdout: 0,
          members: 0,
          arms: {},
          parts: { pilot: 0, test: 0, rollout: 0 },
          personas: {},
        },
        gate: { allowed: 0, skipped: {} },
        steps: [],
        creatives: { rendered: 0, rejected: 0, findings: [] },
        samples: [],
        calendar: [],
        estimate: { messages: 0, messagesPerSecond: 1, pace: 'planning', sendingSeconds: 0, totalSeconds: 0 },
        problems: [],
      }
    );
  }
  async decide(workflowId: string, decision: Decision): Promise<DecisionAnswer | 'kept'> {
    this.check();
    this.decisions.push({ workflowId, decision });
    return this.answer;
  }
  async command(workflowId: string, kind: CommandKind, command: Command): Promise<CampaignState | 'kept'> {
    this.check();
    this.commands.push({ workflowId, kind, command });
    return this.commandAnswer;
  }
  async createSchedule(schedule: CampaignSchedule): Promise<void> {
    this.check();
    this.schedules.set(schedule.scheduleId, schedule);
  }
  async moveSchedule(schedule: CampaignSchedule): Promise<void> {
    await this.createSchedule(schedule);
  }
  async cancelSchedule(scheduleId: string): Promise<void> {
    this.check();
    this.schedules.delete(scheduleId);
  }
  /** When schedules fire, by their Temporal id. */
  readonly firingTimes = new Map<string, Date[]>();
  async nextFiring(scheduleId: string): Promise<Date | null> {
    this.check();
    return this.firingTimes.get(scheduleId)?.[0] ?? null;
  }
  async firings(scheduleId: string, since: Date, until: Date): Promise<Date[]> {
    this.check();
    return (this.firingTimes.get(scheduleId) ?? []).filter((at) => at >= since && at < until);
  }
  async ping(): Promise<void> {
    this.check();
  }
}

export interface Call {
  /** Whose key is sent; `none` sends none. */
  readonly as?: Role | 'none';
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly query?: Record<string, string>;
}

export interface ApiUnderTest {
  readonly app: App;
  readonly database: FreshDatabase;
  readonly temporal: FakeOrchestrator;
  readonly blobs: Map<string, Uint8Array>;
  /** The key of each role, as it is sent. */
  readonly keys: Readonly<Record<Role, string>>;
  call(
    method: NonNullable<InjectOptions['method']>,
    url: string,
    call?: Call,
  ): Promise<LightMyRequestResponse>;
  close(): Promise<void>;
}

/** The whole api on a database of its own, with Temporal made up and one key a role (principals: viewer, editor…). */
export async function apiUnderTest(more: Partial<ApiDeps> = {}): Promise<ApiUnderTest> {
  const database = await freshDatabase(4);
  const temporal = new FakeOrchestrator();
  const blobs = new Map<string, Uint8Array>();
  const app = await buildApp({
    db: database.db,
    orchestrator: temporal,
    blobs: { put: async () => '', get: async (sha256) => blobs.get(sha256) ?? null },
    brands: loadBrands(),
    settings: {
      publicUrl: 'http://boucle.test',
      temporalUiUrl: 'http://temporal.test',
      temporalNamespace: 'default',
      pepper: 'a-pepper-for-tests-only',
      linkSecret: LINK_SECRET,
      slackSigningSecret: SIGNING_SECRET,
      providerWebhookSecret: WEBHOOK_SECRET,
      bounceWebhookSecret: BOUNCE_SECRET,
      consentWebhookSecret: WEBHOOK_SECRET,
      smsWebhookSecret: WEBHOOK_SECRET,
      twilioAuthToken: WEBHOOK_SECRET,
      letterWebhookSecret: WEBHOOK_SECRET,
      webhooksAnywhere: false,
      openPages: false,
      version: '0.0.0',
    },
    ...more,
  });
  const access = createAccessStore(database.db.app);
  const made = await Promise.all(
    ROLES.map(async (role) => [role, (await access.create({ principal: role, roles: [role] })).key]),
  );
  const keys: Record<Role, string> = Object.fromEntries(made);

  return {
    app,
    database,
    temporal,
    blobs,
    keys,
    call: (method, url, { as = 'editor', headers = {}, body, query } = {}) =>
      app.inject({
        method,
        url,
        ...(query === undefined ? {} : { query }),
        headers: {
          ...(as === 'none' ? {} : { authorization: `Bearer ${keys[as]}` }),
          ...(body === undefined || typeof body === 'string' || Buffer.isBuffer(body)
            ? {}
            : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined
          ? {}
          : { payload: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body) }),
      }),
    close: async () => {
      await app.close();
      await database.close();
    },
  };
}
