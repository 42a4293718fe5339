import type { LinkUrls } from '../../adapters/links/urls';
import type { PersonalUrls } from '../../adapters/renderer/slots';
import type { FillMime, MimeFrame } from '../../adapters/smtp/compiled-mime';
import type { MessageValues } from '../../domain/campaigns/message-values';
import type { Brand } from '../../domain/creatives/ports';
import type { PersonValues } from '../../domain/creatives/variables';
import type { Senders } from '../../domain/delivery/ports';
import type { Channel } from '../../domain/shared/words';
import type { DeliveryStore } from '../../store/delivery-store';
import type { Outage } from './send-batch';

/** A creative as it was approved, Liquid still in it. */
export interface SendingCreative {
  readonly creativeId: number;
  readonly persona: string;
  readonly arm: string;
  readonly channel: Channel;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  readonly links: readonly { readonly index: number; readonly url: string; readonly label: string }[];
  /** The most that one of them may cost, millionths of a euro: so much of a budget is reserved. */
  readonly unitMicros?: number;
}

export interface Message {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** Fills one creative in for one person; may throw for one. Values: those a service message was asked with. */
export type FillCreative = (person: PersonValues, urls: PersonalUrls, values: MessageValues) => Message;

export interface DeliveryDeps {
  readonly store: DeliveryStore;
  readonly senders: Senders;
  readonly creatives: { forSending(campaignId: string, step: string): Promise<readonly SendingCreative[]> };
  /** Parses once; the function it answers fills it in. */
  readonly compile: (creative: Message) => FillCreative;
  /** Writes a creative's MIME once, where it can be; left out, each e-mail is written by itself. */
  readonly compileMime?: (creative: Message, frame: MimeFrame) => FillMime | null;
  readonly brandOf: (key: string) => Brand | Promise<Brand>;
  readonly urls: LinkUrls;
  /** Of the running attempt; counts only. */
  readonly heartbeat: (progress: { readonly looked: number; readonly handed: number }) => void;
  /** Whether the running attempt has been cancelled or its worker is shutting down. */
  readonly cancelled: () => boolean;
  readonly batchSize?: number;
  /** Faults in a row that stop a channel; left out, `BREAKER_FAULTS`. */
  readonly breakerFaults?: Readonly<Record<Channel, number>>;
  /** How long a batch rests after a round that heard of nothing but outage, twice as long each time; left out, `OUTAGE`. */
  readonly outage?: Outage;
}
