/** Types of the events that happen to a message. Metrics and guardrails count them by these names. */
export const MESSAGE_EVENTS = {
  /** A person followed a tracked link. */
  clicked: 'message.clicked',
  /** A mail filter's or preview's robot followed one: apart, so that no metric counts it. */
  scanned: 'message.scanned',
  /** The pixel was fetched by somebody who agreed to that; once a message. */
  opened: 'message.opened',
  unsubscribed: 'message.unsubscribed',
  complained: 'message.complained',
} as const;
