/** Languages people write to customers in, by their codes (ISO 639-1). */
const LANGUAGES =
  'ar bg br ca co cs da de el en es et eu fi fr ga gl he hr hu is it ja ko lb lt lv mt nl no oc pl pt ro ru sk sl sq sr sv tr uk zh'.split(
    ' ',
  );

const plain = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '').trim().toLowerCase();

const NAMES = new Map(
  LANGUAGES.flatMap((code) =>
    ['fr', 'en', code].map((reader): [string, string] => [
      plain(new Intl.DisplayNames([reader], { type: 'language' }).of(code) ?? code),
      code,
    ]),
  ),
);

/** The code of a language by its name in French, in English or in itself; null: none of these. */
export const languageNamed = (name: string): string | null => NAMES.get(plain(name)) ?? null;
