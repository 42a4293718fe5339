import type { LinkUrls } from '../../adapters/links/urls';
import type { Brand } from '../../domain/creatives/ports';
import type { PersonValues } from '../../domain/creatives/variables';
import type { EmailSender } from '../../domain/delivery/ports';
import type { Channel } from '../../domain/shared/words';
import type { DeliveryStore } from '../../store/delivery-store';

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
}

export interface PersonalUrls {
  /** By the creative's link index. */
  readonly links: readonly string[];
  readonly unsubscribeUrl: string;
  /** null: this person's opens are not to be seen. */
  readonly pixelUrl: string | null;
}

export interface Message {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

export interface DeliveryDeps {
  readonly store: DeliveryStore;
  readonly sender: EmailSender;
  readonly creatives: { forSending(campaignId: string, step: string): Promise<readonly SendingCreative[]> };
  /** Parses once; the function it answers fills it in for one person, and may throw for one. */
  readonly compile: (creative: Message) => (person: PersonValues, urls: PersonalUrls) => Message;
  readonly brandOf: (key: string) => Brand | Promise<Brand>;
  readonly urls: LinkUrls;
  /** Of the running attempt; counts only. */
  readonly heartbeat: (progress: { readonly looked: number; readonly handed: number }) => void;
  /** Whether the running attempt has been cancelled or its worker is shutting down. */
  readonly cancelled: () => boolean;
  readonly batchSize?: number;
}
