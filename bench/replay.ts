import { readdirSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { fromRoot } from '../config/paths';
import { prebuiltWorkflows } from '../worker/workflow-bundle';
import type { Bench } from './bench';

const HISTORIES = fromRoot('test', 'replay', 'histories');

interface Recorded {
  readonly workflowId: string;
  readonly history: unknown;
}

export const replayBench: Bench = {
  name: 'replay',
  workload: 'Every recorded history of test/replay/histories, n times over, replayed on the prebuilt bundle.',
  against: null,
  defaultN: 1,
  unit: 'seconds',
  reach: { atMost: 5 },
  prepare: async (n) => {
    Runtime.install({
      logger: new DefaultLogger('ERROR'),
      telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
    });
    const recorded = readdirSync(HISTORIES)
      .filter((file) => file.endsWith('.json'))
      .map((file): Recorded => JSON.parse(readFileSync(`${HISTORIES}/${file}`, 'utf8')));
    const histories = Array.from({ length: n }, () => recorded)
      .flat()
      .map(({ workflowId, history }) => ({ workflowId, history: historyFromJSON(history) }));
    let events = 0;
    for (const { history } of histories) events += history.events?.length ?? 0;
    return {
      ours: async () => {
        const began = performance.now();
        for await (const { error } of Worker.runReplayHistories(
          { workflowBundle: prebuiltWorkflows() },
          histories,
        )) {
          if (error) throw error;
        }
        return (performance.now() - began) / 1_000;
      },
      reference: null,
      notes: () => [`${histories.length} histories of ${events} events`],
      close: async () => undefined,
    };
  },
};
