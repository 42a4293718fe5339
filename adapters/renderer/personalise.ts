import { Liquid } from 'liquidjs';
import { believablePerson, type PersonValues } from '../../domain/creatives/variables';

export interface Fillable {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

export interface PersonalUrls {
  /** By the creative's link index. */
  readonly links: readonly string[];
  readonly unsubscribeUrl: string;
  /** null: this person's opens are not to be seen. */
  readonly pixelUrl: string | null;
}

const STRICT = {
  strictVariables: true,
  lenientIf: true,
  strictFilters: true,
  ownPropertyOnly: true,
} as const;
const plain = new Liquid(STRICT);
const escaped = new Liquid({ ...STRICT, outputEscape: 'escape' });

/** One line, whatever a name holds: a subject is a header. */
const oneLine = (text: string): string => text.replace(/[\r\n]+/g, ' ');

/**
 * Parses a creative once; what it answers fills in one person. Values nobody should read take their fallback. Throws
 * on a variable that is not there: nothing unresolved reaches anybody.
 */
export function compileCreative(creative: Fillable): (person: PersonValues, urls: PersonalUrls) => Fillable {
  const subject = plain.parse(creative.subject);
  const html = escaped.parse(creative.html);
  const text = plain.parse(creative.text);
  return (person, urls) => {
    const scope = { person: believablePerson(person).values, ...urls };
    return {
      subject: oneLine(plain.renderSync(subject, scope)),
      html: escaped.renderSync(html, scope),
      text: plain.renderSync(text, scope),
    };
  };
}
