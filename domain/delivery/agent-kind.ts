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

/** Who fetched the pixel. `reader`: somebody had the mail before their eyes, by themselves or through `proxy`. */
export type PixelAgent =
  | { readonly kind: 'reader'; readonly proxy: 'gmail-proxy' | 'yahoo-proxy' | null }
  | { readonly kind: 'prefetch'; readonly proxy: 'apple-mpp' | 'robot' };

/**
 * Apple's Mail Privacy Protection fetches every picture when the mail arrives, read or not, and says nothing but
 * `Mozilla/5.0`: no evidence of anything. Gmail's and Yahoo's proxies fetch when the mail is shown: an open, seen
 * through them (no address, no device, and a second one may come out of their cache unseen).
 */
export function pixelAgent(request: {
  readonly method: string;
  readonly userAgent: string | undefined;
}): PixelAgent {
  const agent = request.userAgent?.trim() ?? '';
  if (request.method.toUpperCase() === 'HEAD') return { kind: 'prefetch', proxy: 'robot' };
  if (/GoogleImageProxy/i.test(agent)) return { kind: 'reader', proxy: 'gmail-proxy' };
  if (/YahooMailProxy/i.test(agent)) return { kind: 'reader', proxy: 'yahoo-proxy' };
  if (/^Mozilla\/5\.0$/i.test(agent)) return { kind: 'prefetch', proxy: 'apple-mpp' };
  return ROBOT.test(agent) ? { kind: 'prefetch', proxy: 'robot' } : { kind: 'reader', proxy: null };
}
