import type { Fillable } from '../adapters/renderer/personalise';

const WORDS =
  'la table se met au jardin dès les premiers soirs de juin : nappes de lin lavé, carafes soufflées à la bouche et assiettes de grès émaillé composent un été sans façon ; chaque pièce est faite à la main en Auvergne puis polie à Lyon & livrée chez vous sous trois jours'.split(
    ' ',
  );

const prose = (words: number, from: number): string =>
  Array.from({ length: words }, (_, n) => WORDS[(n + from) % WORDS.length] ?? '').join(' ');

const CELL =
  '<td style="padding:0 32px 18px;font-family:Georgia,serif;font-size:16px;line-height:26px;color:#24302f">';
const PERSONAL = [
  '{{ person.firstName | default: "à vous" }}',
  '{{ person.city | default: "chez vous" }}',
  '{% if person.lastName %}famille {{ person.lastName }}{% else %}chère cliente, cher client{% endif %}',
  '<a href="{{ links[0] }}">Voir la collection</a>',
];

/** A newsletter of some `kilobytes` with `outputs` places to fill in, in the Liquid that the renderer writes. */
export function benchMail(kilobytes: number, outputs: number): Fillable {
  const rows = Math.max(1, outputs - 4);
  const words = Math.max(4, Math.floor(((kilobytes * 1_000 - 700) / rows - CELL.length - 50) / 5.25));
  const paragraphs = Array.from(
    { length: rows },
    (_, n) => `<tr>${CELL}${PERSONAL[n % PERSONAL.length] ?? ''}, ${prose(words, n * 7)}.</td></tr>`,
  );
  return {
    subject: '{{ person.firstName | default: "Bonjour" }}, l’été est prêt',
    html: `<!doctype html><html lang="fr"><head><title>L’été</title></head><body><table role="presentation">${paragraphs.join('\n')}<tr>${CELL}<a href="{{ links[1] }}">Aide</a> · <a href="{{ unsubscribeUrl }}">Se désinscrire</a></td></tr></table>{% if pixelUrl %}<img src="{{ pixelUrl }}" alt="" width="1" height="1">{% endif %}</body></html>`,
    text: `Bonjour {{ person.firstName | default: "à vous" }},\n\n${prose(60, 3)}.\n\nVoir : {{ links[0] }}\nSe désinscrire : {{ unsubscribeUrl }}\n`,
  };
}

const FIRST =
  'Camille Zoé Anaïs Jean-Baptiste Léa Loïc Marie-Claude Nathan Inès Noël Chloé Théo Amélie Hugo Françoise Yann Élodie Björn Maëlle Paul'.split(
    ' ',
  );
const LAST =
  'Martin Bernard Lefèvre Nguyễn O’Brien Çelik Müller D’Angelo Garçon Dubois Petit Roux Girard André Mercier Blanc Guérin Boyer Chevalier'.split(
    ' ',
  );
const CITIES = 'Lyon Paris Saint-Étienne Besançon Orléans Nîmes Brest Évreux L’Haÿ-les-Roses Metz'.split(' ');

/** The nth person's names: combinations repeat after some thousand, some people have none. */
export const benchPerson = (n: number) => ({
  firstName: n % 11 === 0 ? null : (FIRST[n % FIRST.length] ?? null),
  lastName: n % 13 === 0 ? null : `${LAST[n % LAST.length]}-${LAST[Math.floor(n / 20) % LAST.length]}`,
  city: n % 7 === 0 ? null : (CITIES[n % CITIES.length] ?? null),
});
