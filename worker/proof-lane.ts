import type { SendOutcome } from '../domain/delivery/ports';
import type { DueProof, ProofsStore } from '../store/proofs-store';
import { drain } from './drain';

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
  await drain({
    take: proofs.take,
    handle: one,
    most: BATCH,
    pollMs,
    signal,
    onFault: (err) => log.warn({ err }, 'proofs not reachable'),
  });
}
