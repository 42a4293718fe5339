/**
 * A shop's server that tells what people do, in a process of its own. Takes `Asked` from its parent (`ids` are profiles, an
 * event each) and answers with an `Answered`.
 */
import type { Answered, Asked } from './events-back-clients';
import { paced, type Call } from './paced';
import { EVENT_TYPES } from './segment-event-rules';

function run({ port, ids, rate, secrets: { key = '', round = '' } }: Asked): Promise<Answered> {
  const calls = ids.map((id, n): Call => {
    const type = EVENT_TYPES[n % EVENT_TYPES.length] ?? 'visit';
    return {
      wanted: 200,
      request: () => {
        const body = JSON.stringify({
          id: `${round}.${n}`,
          type,
          at: new Date().toISOString(),
          profile: { id },
          ...(type === 'purchase' ? { valueCents: 1_000 + (n % 90) * 100 } : {}),
          properties: { category: `c${n % 20}` },
        });
        return (
          `POST /v1/events HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bearer ${key}\r\n` +
          `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
        );
      },
    };
  });
  return paced(port, calls, rate);
}

process.on('message', (asked: Asked) => {
  void run(asked).then((answered) => process.send?.(answered));
});
process.once('disconnect', () => process.exit(0));
