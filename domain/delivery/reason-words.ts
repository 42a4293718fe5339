/** What each reason of the gate, the freeze and the wave means, in one sentence about the person. */
const WORDS: Readonly<Record<string, string>> = {
  unreachable: 'has no address, number or device on a channel of this message.',
  suppressed: 'has an address that must not be used any more.',
  'no-consent': 'has not agreed to this kind of message on this channel, or has withdrawn it.',
  'consent-expired': 'had agreed, but that consent has run out.',
  doubtful: 'has an address that a consistency rule does not believe.',
  'topic-refused': 'does not want this topic.',
  'left-segment': 'no longer matched the segment when their turn came.',
  'offer-over': 'would have been told of an offer that has ended or is not for this market any more.',
  deadline: 'could not be reached before the wave’s deadline.',
  'not-in-every-arm': 'could not be reached in every arm of a test of channels, and is left out of it.',
  'channel-failed': 'could not be reached on any channel left to try.',
  'not-contacted': 'did not get the earlier message that this one follows.',
  condition:
    'does not meet the condition of this step any more (has clicked, opened or converted meanwhile).',
  'not-due': 'has not had the earlier message for long enough.',
  budget: 'would have taken the campaign past its budget.',
  'quiet-hours': 'is in hours or days when this channel may not be used.',
  paused: 'asked for a pause, or the campaign is paused.',
  rate: 'waits for the provider’s rate limit.',
  backoff: 'waits because the receiving domain asked us to slow down.',
  retry: 'is tried again: the provider refused for now.',
  fallback: 'is tried on the next channel: the one before failed.',
  arbitration: 'is wanted in the same window by a campaign that goes before this one.',
  yielded:
    'went to a campaign that goes before this one, and no other slot came free before the wave’s deadline.',
  cap: 'has had as many messages as a cap allows.',
  'worker-lost': 'was being sent to when a worker died.',
  'in-doubt': 'may have it already, and the provider that would know may not be asked again.',
  aborted: 'was left when the campaign was aborted.',
  'had-already': 'had this message under a profile that was merged into theirs.',
  merged: 'was merged into another profile, which stands for them.',
  holdout: 'is in the population that is kept out of campaigns.',
  'no-persona': 'matches none of the scenario’s personas.',
};

/** `cap:promotion-14-days` → `{code: 'cap', detail: 'promotion-14-days'}`. */
export function reasonParts(reason: string): { readonly code: string; readonly detail: string | null } {
  const at = reason.indexOf(':');
  return at < 0
    ? { code: reason, detail: null }
    : { code: reason.slice(0, at), detail: reason.slice(at + 1) };
}

export function reasonWords(reason: string): string {
  const { code, detail } = reasonParts(reason);
  const words = WORDS[code] ?? `was put aside (${code}).`;
  return detail === null ? words : `${words.slice(0, -1)} (${detail}).`;
}
