import { fork } from 'node:child_process';
import { join } from 'node:path';

/** What a kind of clients is asked to do. */
export interface Asked {
  readonly port: number;
  readonly ids: readonly number[];
  readonly rate: number;
  /** What they sign with, or the API key. */
  readonly secrets: Readonly<Record<string, string>>;
}

export interface Answered {
  readonly calls: number;
  /** From when each call was due to its answer, shortest first. */
  readonly waitsMs: readonly number[];
  readonly faults: readonly string[];
  readonly seconds: number;
  /** Of the clients themselves. */
  readonly cpuSeconds: number;
}

export interface Clients {
  run(asked: Asked): Promise<Answered>;
  close(): void;
}

/** Clients share no process with what they measure, nor with the bench. */
export function startClients(kind: 'events-back' | 'segment-event'): Clients {
  // As this process was started: from the sources or from what was built.
  const child = fork(join(__dirname, `${kind}-process${__filename.slice(-3)}`));
  return {
    run: (asked) =>
      new Promise((resolve, reject) => {
        const ended = (): void => reject(new Error('the clients of the bench ended'));
        child.once('exit', ended);
        child.once('message', (answered: Answered) => {
          child.off('exit', ended);
          resolve(answered);
        });
        child.send(asked);
      }),
    close: () => {
      child.disconnect();
    },
  };
}
