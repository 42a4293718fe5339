import { createBehaviour, type Person } from '../../../sandbox/people/behaviour';
import type { Rates } from '../../../sandbox/people/rates';
import { armBySubject } from '../../../sandbox/people/which-arm';
import { scenarioSchema } from '../../../domain/campaigns/scenario';
import { readFileSync } from 'node:fs';
import { fromRoot } from '../../../config/paths';

const rates: Rates = {
  events: ['visit', 'purchase'],
  rate: (event, arm) => (event === 'visit' ? (arm === 'a' ? 0.3 : 0.1) : 0.05),
  value: (event) => (event === 'purchase' ? { cents: 100, currency: 'EUR' } : null),
};
const habits = { readShare: 0.4, picturesShare: 0.5, followShare: 0.8, unsubscribeRate: 0.02 };
const people = Array.from({ length: 8_000 }, (_, i): Person => ({
  customerKey: `K${i}`,
  email: `k${i}@x.example`,
  kind: '',
}));

describe('behaviour', () => {
  const behaviour = createBehaviour(rates, habits, 'seed');
  const share = (does: (person: Person) => boolean): number => people.filter(does).length / people.length;

  test('is the same in whatever order it is asked', () => {
    const other = createBehaviour(rates, habits, 'seed');
    const backwards = [...people]
      .reverse()
      .map((p) => JSON.stringify([other.deeds(p, 'a'), other.withMail(p, 'a')]));
    expect(
      people.map((p) => JSON.stringify([behaviour.deeds(p, 'a'), behaviour.withMail(p, 'a')])).reverse(),
    ).toEqual(backwards);
    const elsewhere = createBehaviour(rates, habits, 'another seed');
    expect(people.filter((p) => elsewhere.deeds(p, 'a').length > 0)).not.toEqual(
      people.filter((p) => behaviour.deeds(p, 'a').length > 0),
    );
  });

  test('keeps the rates, and whoever buys has visited', () => {
    expect(share((p) => behaviour.deeds(p, 'a').some((d) => d.event === 'visit'))).toBeCloseTo(0.3, 1);
    expect(share((p) => behaviour.deeds(p, null).some((d) => d.event === 'visit'))).toBeCloseTo(0.1, 1);
    const bought = people
      .map((person) => behaviour.deeds(person, null).map((d) => d.event))
      .filter((events) => events.includes('purchase'));
    expect(bought.length).toBeGreaterThan(100);
    expect(bought.filter((events) => !events.includes('visit'))).toEqual([]);
  });

  test('only who reads loads pictures, and only who visits follows a link', () => {
    const odd = people.filter((person) => {
      const mail = behaviour.withMail(person, 'a');
      const unread = (mail.loadsPictures || mail.followsLink || mail.unsubscribes) && !mail.reads;
      return unread || (mail.followsLink && behaviour.deeds(person, 'a').length === 0);
    });
    expect(odd).toEqual([]);
    const unsubscribed = share((p) => behaviour.withMail(p, 'a').unsubscribes);
    expect(unsubscribed).toBeGreaterThan(0.015);
    expect(unsubscribed).toBeLessThan(0.025);
  });
});

describe('whose mail it is', () => {
  const scenario = scenarioSchema.parse(
    JSON.parse(readFileSync(fromRoot('examples', 'generated', 'scenario.json'), 'utf8')),
  );

  test('is read off its subject, whatever is filled in', () => {
    const personal = scenarioSchema.parse({
      ...scenario,
      arms: scenario.arms.map((arm) =>
        arm.key === 'prix'
          ? { ...arm, content: { ...arm.content, subject: '{{ firstName }}, (nos) prix doux' } }
          : arm,
      ),
    });
    const armOf = armBySubject(personal);
    expect(armOf('Zoé, (nos) prix doux')).toBe('prix');
    expect(armOf('Et si votre salon changeait de lumière ce soir ?')).toBe('ambiance');
    expect(armOf('Tout autre chose')).toBeNull();
  });

  test('cannot be told where two arms have one subject', () => {
    const alike = scenarioSchema.parse({
      ...scenario,
      arms: scenario.arms.map((arm) => ({ ...arm, content: {} })),
    });
    expect(() => armBySubject(alike)).toThrow(/same subject/);
  });
});
