import * as fc from 'fast-check';
import type { SendOutcome } from '../../domain/delivery/ports';
import { isSilence } from '../../domain/delivery/retry-policy';
import type { Channel } from '../../domain/shared/words';

interface Answer {
  readonly outcome: SendOutcome;
  /** Whether the message reaches its person, whatever was answered. */
  readonly arrives: boolean;
}

const GOOD: Answer = { outcome: { kind: 'accepted', providerId: 'q' }, arrives: true };
const ANSWERS: readonly Answer[] = [
  GOOD,
  GOOD,
  { outcome: { kind: 'failed', code: '550 5.7.1' }, arrives: false },
  { outcome: { kind: 'retry', code: '450 4.2.1' }, arrives: false },
  { outcome: { kind: 'retry', code: 'relay-refused' }, arrives: false },
  { outcome: { kind: 'uncertain', code: 'no-answer' }, arrives: true },
  { outcome: { kind: 'uncertain', code: 'no-answer' }, arrives: false },
  { outcome: { kind: 'retry', code: 'no-answer' }, arrives: true },
  { outcome: { kind: 'retry', code: 'no-answer' }, arrives: false },
];
export const answers = fc.array(fc.nat({ max: ANSWERS.length - 1 }), { maxLength: 20 });

interface Owner {
  readonly profileId: number;
  /** Of the lane of service messages. */
  readonly service: boolean;
}

interface HandedOver {
  readonly deliveryId: number;
  readonly channel: Channel;
  readonly text: string;
  /** The provider tells a message it has from a new one. */
  readonly knowsAgain: boolean;
  /** Whether the worker that waits for the answer is dead. */
  readonly died: () => boolean;
}

/**
 * Providers that remember what they were handed, and what must never be: `faults` says who got two messages, and who got
 * one after a no. The clock is their own: what was asked of the ledger before a change may not have seen it.
 */
export function campaignProviders(given: readonly number[]) {
  const faults: string[] = [];
  let tick = 0;
  const askedAt = new Map<number, number>();
  const ownerOf = new Map<number, Owner>();
  const waiting = new Map<number, Owner>();
  const refusedAt = new Map<string, number>();
  let heldAt = 0;
  let version = 1;
  /** By delivery: may have reached somebody, and whether it has. */
  const reached = new Map<number, boolean>();
  const unheard: Owner[] = [];
  let nth = 0;

  const keyOf = ({ profileId, service }: Owner, channel: Channel): string =>
    `${service ? 'service' : 'campaign'} ${profileId} ${channel}`;

  return {
    faults,
    reached,
    version: () => version,
    mended: () => void (version += 1),
    now: () => (tick += 1),
    /** The gate let it through. */
    claimed: (id: number, owner: Owner): void => {
      ownerOf.set(id, owner);
      waiting.set(id, owner);
    },
    /** Let through and not handed over yet, as far as they have not been given back. */
    waiting: (): readonly Owner[] => [...waiting.values()],
    /** The last whose provider may have the message, and would know it again. */
    doubtful: (): Owner | undefined => unheard.at(-1),
    /** The last word about it was asked for then. */
    marked: (id: number, at: number): void => {
      askedAt.set(id, at);
      waiting.delete(id);
    },
    refused: (owner: Owner, channels: readonly Channel[]): void => {
      tick += 1;
      for (const channel of channels) refusedAt.set(keyOf(owner, channel), tick);
    },
    held: (): void => {
      if (heldAt === 0) heldAt = tick += 1;
    },
    resumed: () => void (heldAt = 0),

    /** `meanwhile`: what happens while the message is on its way. */
    async take(message: HandedOver, meanwhile: () => Promise<void>): Promise<SendOutcome> {
      const { deliveryId: id, channel, text, knowsAgain, died } = message;
      const owner = ownerOf.get(id) ?? { profileId: 0, service: false };
      const asked = askedAt.get(id) ?? 0;
      if ((refusedAt.get(keyOf(owner, channel)) ?? Infinity) < asked)
        faults.push(`${id} was handed over after a no`);
      if (!owner.service && heldAt > 0 && heldAt < asked) faults.push(`${id} was handed over while held`);
      if (!owner.service && !text.includes(`v${version}`)) faults.push(`${id} says what was mended`);
      if (reached.has(id) && !(knowsAgain && reached.get(id) === true))
        faults.push(`${id} was handed over again, by ${channel}`);
      if (reached.has(id)) return GOOD.outcome;
      nth += 1;
      const { outcome: said, arrives } = ANSWERS[given[nth - 1] ?? 0] ?? GOOD;
      const silent = 'code' in said && isSilence(said.code);
      // A sender whose provider knows a message again asks again after a silence; any other says it cannot know.
      const outcome: SendOutcome = silent
        ? { kind: knowsAgain ? 'retry' : 'uncertain', code: said.code }
        : said;
      await meanwhile();
      await new Promise((resolve) => setImmediate(resolve));
      // Who may be asked again under the same key is not in doubt while its answer is lost with the worker.
      if (arrives || outcome.kind === 'uncertain' || (died() && !knowsAgain)) reached.set(id, arrives);
      if (knowsAgain && arrives && (silent || died())) unheard.push(owner);
      return outcome;
    },
  };
}
