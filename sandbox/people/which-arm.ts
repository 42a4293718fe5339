import { sendingArms } from '../../domain/campaigns/arms';
import type { Scenario } from '../../domain/campaigns/scenario';

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** What is the person's own may be anything. */
const pattern = (template: string): RegExp =>
  new RegExp(
    `^${template
      .split(/\{\{.*?\}\}|\{%.*?%\}/s)
      .map(escape)
      .join('.*')}$`,
    's',
  );

/**
 * Tells from a mail's subject whose arm it is, as its reader would. Throws when two arms have one subject: nobody
 * could tell them apart.
 */
export function armBySubject(scenario: Scenario): (subject: string) => string | null {
  const arms = sendingArms(scenario).map((arm) => ({
    key: arm.key,
    subject: arm.content.subject ?? scenario.content.subject,
  }));
  if (new Set(arms.map((arm) => arm.subject)).size < arms.length) {
    throw new Error('two arms have the same subject: the simulated people cannot tell which mail they got');
  }
  const patterns = arms.map((arm) => ({ key: arm.key, is: pattern(arm.subject.normalize('NFC')) }));
  return (subject) => {
    const read = subject.normalize('NFC').replace(/\s+/g, ' ');
    return (
      patterns.find(({ is }) => is.test(read) || is.test(subject))?.key ??
      (patterns.length === 1 ? (patterns[0]?.key ?? null) : null)
    );
  };
}
