export type AgentKind = 'person' | 'robot';

/**
 * Link checkers of mail filters and chat previews, by what they call themselves. They follow every link of a message
 * before anybody has read it, so what they do is kept apart and counts for nobody.
 */
const ROBOT =
  /bot\b|crawl|spider|scan|preview|proxy|urldefen[sc]e|safelinks|barracuda|mimecast|proofpoint|symantec|trendmicro|forcepoint|fortinet|sophos|slurp|facebookexternalhit|whatsapp|telegram|skypeuripreview|curl\/|wget\/|python-|go-http-client|java\/|libwww|okhttp|headless/i;

/** A HEAD request shows nothing to anybody; a request that does not say who it is may be a person's. */
export function agentKind(request: {
  readonly method: string;
  readonly userAgent: string | undefined;
}): AgentKind {
  if (request.method.toUpperCase() === 'HEAD') return 'robot';
  return request.userAgent !== undefined && ROBOT.test(request.userAgent) ? 'robot' : 'person';
}
