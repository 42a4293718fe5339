/** Pictures in an approval message: Slack shows so many before nobody scrolls on; the campaign page has them all. */
export const MAX_PREVIEWS = 6;

/** What an approver sees. Counts, names of arms and personas, findings; no personal data. */
export interface ApprovalCard {
  readonly campaignId: string;
  readonly approvalId: string;
  readonly subjectHash: string;
  readonly title: string;
  readonly owner: string;
  readonly audience: {
    readonly members: number;
    readonly pilot: number;
    readonly arms: Readonly<Record<string, number>>;
  };
  readonly findings: {
    readonly blocking: number;
    readonly warnings: number;
    readonly top: readonly string[];
  };
  /** What it will be judged by, and what is counted beside that. */
  readonly measured: readonly { readonly what: string; readonly words: string }[];
  readonly previews: readonly {
    /** Channel, later step, arm, persona. */
    readonly label: string;
    /** Empty: the channel has none, and `words` is what is said. */
    readonly subject: string;
    readonly preheader?: string;
    readonly words?: string;
    readonly png: Uint8Array;
  }[];
  readonly pageUrl: string;
  readonly deadlineAt: string;
}

export interface SlackRef {
  readonly channel: string;
  readonly ts: string;
}

/** The approval channel. The `log` adapter answers null: nobody was asked there, REST remains. */
export interface Messenger {
  postApproval(card: ApprovalCard): Promise<SlackRef | null>;
  /** Replaces the buttons by what was decided. */
  closeApproval(ref: SlackRef, title: string, words: string): Promise<void>;
  postIncident(incident: {
    readonly campaignId: string;
    readonly title: string;
    readonly message: string;
    readonly pageUrl: string;
  }): Promise<SlackRef | null>;
  postNote(words: string, thread?: SlackRef): Promise<SlackRef | null>;
  /** Answers one person only, in the channel of the message they clicked. */
  answerPrivately(channel: string, slackUser: string, words: string): Promise<void>;
}
