import { between, glow, gradient, type Scene } from './scene';

/** Quiet shapes on a table: arches, a vase with a branch, a bowl and two fruits. */
export const stillLife: Scene = (palette, random) => {
  const [far, middle, near, nearest] = palette.planes;
  const sunX = between(random, 760, 900);
  const archX = between(random, 250, 330);
  const lean = between(random, -6, 6);
  const buds = Array.from({ length: 13 }, (_, i) => {
    const t = i / 12;
    const side = i % 2 === 0 ? 1 : -1;
    const x = 40 * Math.sin(t * 2.2) + side * (16 + 12 * Math.sin(i * 2.1));
    const y = -40 - t * 210;
    return `<ellipse cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" rx="${(17 - t * 6).toFixed(1)}" ry="${(9 - t * 2).toFixed(1)}" transform="rotate(${side * -38} ${x.toFixed(1)} ${y.toFixed(1)})" fill="${i % 3 === 0 ? palette.accent : i % 3 === 1 ? near : middle}"/>`;
  });
  return (
    `<defs>${gradient('wall', palette.sky)}${gradient('table', [near, nearest])}${gradient('arch', [far, palette.sky[2]])}${gradient('vase', [palette.pale, palette.accent])}${glow('glow', palette.light, 0.9)}</defs>` +
    `<rect width="1200" height="600" fill="url(#wall)"/>` +
    `<circle cx="${sunX}" cy="190" r="270" fill="url(#glow)"/><circle cx="${sunX}" cy="200" r="86" fill="${palette.light}"/>` +
    `<path d="M${archX} 470V250a160 160 0 0 1 320 0V470z" fill="url(#arch)"/>` +
    `<path d="M${archX + 52} 470V262a108 108 0 0 1 216 0V470z" fill="${palette.pale}" opacity=".55"/>` +
    `<path d="M720 470V390a190 190 0 0 1 380 0v80z" fill="${far}" opacity=".7"/>` +
    `<rect y="468" width="1200" height="132" fill="url(#table)"/><rect y="468" width="1200" height="5" fill="#fff" opacity=".18"/>` +
    `<ellipse cx="600" cy="528" rx="430" ry="20" fill="#000" opacity=".12"/>` +
    `<g transform="translate(545 352) rotate(${lean})"><path d="M0 0C10 -80 44 -150 34 -262" fill="none" stroke="${nearest}" stroke-width="5" stroke-linecap="round"/>${buds.join('')}</g>` +
    `<path d="M520 350h50v26c52 26 62 120 18 150h-86c-44 -30 -34 -124 18 -150z" fill="url(#vase)"/><path d="M512 398c-24 26 -28 76 -12 106" stroke="#fff" stroke-opacity=".5" stroke-width="8" stroke-linecap="round" fill="none"/>` +
    `<circle cx="742" cy="448" r="34" fill="${palette.accent}"/><circle cx="806" cy="452" r="30" fill="${middle}"/><path d="M742 416q4 -16 18 -20" stroke="${nearest}" stroke-width="4" stroke-linecap="round" fill="none"/>` +
    `<path d="M672 458h214c0 44 -46 72 -107 72s-107 -28 -107 -72z" fill="${palette.pale}"/><path d="M672 458h214l-4 16h-206z" fill="#000" opacity=".06"/>` +
    `<g fill="${nearest}"><rect x="352" y="504" width="118" height="18" rx="5"/></g><rect x="364" y="484" width="98" height="20" rx="5" fill="${palette.accent}"/><rect x="374" y="466" width="76" height="18" rx="5" fill="${palette.pale}"/>`
  );
};
