import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { fromRoot } from '../../config/paths';
import { ENDS, STAGES } from '../../domain/shared/words';

const n = z.number().int().min(0);
const share = z.number().min(0).max(1);

/** What `--json` promises, and nothing else. */
export const demoJson = z.strictObject({
  campaignId: z.string().regex(/^c[a-z2-7]{11}$/),
  workflowId: z.string(),
  end: z.enum(ENDS),
  stages: z
    .array(
      z.strictObject({
        name: z.enum(STAGES),
        startedAt: z.iso.datetime(),
        endedAt: z.iso.datetime(),
        outcome: z.string(),
      }),
    )
    .min(3),
  import: z.strictObject({ rows: n, created: n, merged: n, rejected: n }),
  audience: z.strictObject({
    matched: n,
    excluded: z.record(z.string(), n),
    holdout: n,
    arms: z.record(z.string(), n),
    pilot: n,
  }),
  creatives: z.strictObject({ rendered: n, rejected: n, findings: n }),
  approvals: z.array(z.looseObject({ state: z.string() })),
  deliveries: z.strictObject({ planned: n, accepted: n, failed: n, skipped: n, uncertain: n }),
  experiment: z
    .strictObject({
      metric: z.string(),
      srmP: z.number().nullable(),
      arms: z.array(z.strictObject({ arm: z.string(), n, events: n, rate: share })),
      comparisons: z.array(
        z.strictObject({
          arm: z.string(),
          difference: z.number(),
          ci: z.tuple([z.number(), z.number()]),
          pAdjusted: z.number().positive(),
        }),
      ),
      decision: z.strictObject({
        action: z.string(),
        arm: z.string().nullable(),
        reasons: z.array(z.string()).min(1),
      }),
    })
    .nullable(),
  incidents: n,
  backlog: z.array(
    z.strictObject({
      title: z.string(),
      revenuePotential: n,
      difficulty: n,
      statisticalFeasibility: n,
      priority: z.number().positive(),
    }),
  ),
  history: z.strictObject({ events: n, bytes: n }),
  urls: z.record(z.string(), z.url()),
});
export type DemoJson = z.infer<typeof demoJson>;

export const buildOnce = (): void =>
  void execFileSync(process.execPath, [fromRoot('stack/run.mjs'), 'build'], { stdio: 'pipe' });

export interface DemoProcess {
  readonly child: ChildProcess;
  said(): string;
  /** Resolves once the pattern was said; throws, with all that was said, when the demo ends or time runs out before. */
  until(pattern: RegExp, timeoutMs?: number): Promise<void>;
  ended(timeoutMs?: number): Promise<number | null>;
}

/** The demo in a process of its own. Needs an up-to-date dist/. */
export function demoProcess(dataDir: string, args: readonly string[]): DemoProcess {
  const child = spawn(
    process.execPath,
    ['--enable-source-maps', fromRoot('dist/sandbox/demo/main.js'), ...args],
    {
      env: { ...process.env, BOUCLE_DATA_DIR: dataDir, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let said = '';
  const hear = (chunk: Buffer): void => void (said += chunk.toString());
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const exit = once(child, 'exit');
  const until = async (pattern: RegExp, timeoutMs = 120_000): Promise<void> => {
    const last = Date.now() + timeoutMs;
    while (!pattern.test(said)) {
      if (Date.now() > last || child.exitCode !== null)
        throw new Error(`never said ${String(pattern)}:\n${said}`);
      await sleep(50);
    }
  };
  return {
    child,
    said: () => said,
    until,
    async ended(timeoutMs = 240_000) {
      const [code] = await Promise.race([
        exit,
        sleep(timeoutMs, undefined, { ref: false }).then(() =>
          Promise.reject(new Error(`did not end:\n${said}`)),
        ),
      ]);
      return code;
    },
  };
}

/** As the stack has written it down; one that died is started again under another. */
export function demoPid(dataDir: string, name: 'worker' | 'api' | 'temporal' | 'postgres'): number {
  const { children }: { children: { name: string; mark: { pid: number } }[] } = JSON.parse(
    readFileSync(join(dataDir, 'stack.json'), 'utf8'),
  );
  const child = children.find((one) => one.name === name);
  if (!child) throw new Error(`no ${name} is written down`);
  return child.mark.pid;
}

const received = z.object({ to: z.array(z.string()), campaign: z.string().nullable() });

/** What the sink has written down so far: addresses, one entry a mail, of one campaign or of all. */
export function mailsReceived(dataDir: string, campaignId?: string): string[] {
  const file = join(dataDir, 'mail-sink', 'mails.ndjson');
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8');
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => received.parse(JSON.parse(line)))
    .filter((mail) => campaignId === undefined || mail.campaign === campaignId)
    .flatMap((mail) => mail.to);
}

export const moreThanOnce = (addresses: readonly string[]): string[] => {
  const seen = new Set<string>();
  return addresses.filter((address) => (seen.has(address) ? true : (seen.add(address), false)));
};

/**
 * Reads what an ended demo wrote to `json` and holds it against its sink: everybody planned has an end, nobody two
 * mails, and whoever got one is accepted or uncertain.
 */
export function expectEachOnce(
  dataDir: string,
  json: string,
): { readonly out: DemoJson; readonly mails: string[] } {
  const out = demoJson.parse(JSON.parse(readFileSync(json, 'utf8')));
  const { planned, accepted, failed, skipped, uncertain } = out.deliveries;
  expect(planned).toBe(accepted + failed + skipped + uncertain);
  const mails = mailsReceived(dataDir, out.campaignId);
  expect(moreThanOnce(mails)).toEqual([]);
  expect(mails.length).toBeGreaterThanOrEqual(accepted);
  expect(mails.length).toBeLessThanOrEqual(accepted + uncertain);
  return { out, mails };
}

/** Waits until the sink holds at least so many mails. */
export async function untilMails(dataDir: string, atLeast: number, timeoutMs = 120_000): Promise<void> {
  const last = Date.now() + timeoutMs;
  while (mailsReceived(dataDir).length < atLeast) {
    if (Date.now() > last) throw new Error(`the sink never held ${atLeast} mails`);
    await sleep(15);
  }
}

/**
 * The generated example with short windows and plain differences, for a few thousand people. Answers the flags that
 * make the demo use it.
 */
export function quickExample(
  dir: string,
  more: { readonly windowSeconds?: number; readonly minPerArm?: number } = {},
): string[] {
  mkdirSync(dir, { recursive: true });
  const example = (name: string): string => fromRoot('examples', 'generated', name);
  const scenario = JSON.parse(readFileSync(example('scenario.json'), 'utf8'));
  const windowSeconds = more.windowSeconds ?? 12;
  scenario.primaryMetric.windowSeconds = windowSeconds;
  for (const metric of scenario.experiment.secondaryMetrics) metric.windowSeconds = windowSeconds;
  scenario.pilot.observeSeconds = 2;
  scenario.rollout.observeSeconds = 2;
  scenario.experiment.minPerArm = more.minPerArm ?? 100;
  scenario.experiment.testShare = 0.6;
  const mapping = JSON.parse(readFileSync(example('mapping.json'), 'utf8'));
  mapping.answers.outcomes = [
    { event: 'visit', rates: { none: { '*': 0.08 }, prix: { '*': 0.25 }, ambiance: { '*': 0.5 } } },
  ];
  writeFileSync(join(dir, 'scenario.json'), JSON.stringify(scenario));
  writeFileSync(join(dir, 'mapping.json'), JSON.stringify(mapping));
  for (const name of ['segments.json', 'offers.json', 'persona_matrix.csv'])
    copyFileSync(example(name), join(dir, name));
  return ['--mapping', join(dir, 'mapping.json')];
}
