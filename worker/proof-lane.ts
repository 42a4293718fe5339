import { setTimeout as sleep } from 'node:timers/promises';
import type { SendOutcome } from '../domain/delivery/ports';
import type { DueProof, ProofsStore } from '../store/proofs-store';

export interface ProofLaneDeps {
  readonly proofs: Pick<ProofsStore, 'take' | 'record'>;
  /** Throws only before anything is on the wire. */
  readonly send: (proof: DueProof) => Promise<SendOutcome>;
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
  /** Ends the lane; what is on the wire is waited for. */
  readonly signal: AbortSignal;
  readonly pollMs?: number;
}

const BATCH = 10;

/** Sends tests and proofs to staff until `signal`. Any number may run at once: each proof is taken by one. */
export async function runProofLane({
  proofs,
  send,
  log,
  signal,
  pollMs = 500,
}: ProofLaneDeps): Promise<void> {
  const one = async (proof: DueProof): Promise<void> => {
    const outcome = await send(proof).catch((): SendOutcome => ({ kind: 'retry', code: 'not-made' }));
    await proofs.record(proof, outcome);
    log.info({ proof: proof.id, channel: proof.channel, outcome: outcome.kind }, 'proof handled');
  };
  while (!signal.aborted) {
    let taken = 0;
    try {
      const due = await proofs.take(BATCH);
      taken = due.length;
      await Promise.all(due.map(one));
    } catch (error) {
      log.warn({ err: error instanceof Error ? error.name : 'unknown' }, 'proofs not reachable');
    }
    if (taken < BATCH) await sleep(pollMs, undefined, { signal }).catch(() => undefined);
  }
}
