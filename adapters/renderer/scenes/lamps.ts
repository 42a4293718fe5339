import { between, glow, gradient, type Scene } from './scene';

/** An evening at home: three pendant lamps over a sideboard, an arched mirror, a plant. */
export const lamps: Scene = (palette, random) => {
  const [, , near, nearest] = palette.planes;
  const mirrorX = between(random, 150, 230);
  const lampAt = [between(random, 560, 600), between(random, 760, 800), between(random, 960, 1000)];
  const drops = [between(random, 150, 180), between(random, 225, 255), between(random, 165, 205)];
  const pendants = lampAt.map((x, i) => {
    const y = drops[i] ?? 200;
    const shade = i === 1 ? palette.accent : near;
    return (
      `<circle cx="${x}" cy="${y + 70}" r="230" fill="url(#glow)"/>` +
      `<path d="M${x} 0V${y}" stroke="${nearest}" stroke-width="3"/>` +
      `<path d="M${x - 62} ${y + 62}a62 62 0 0 1 124 0z" fill="${shade}"/>` +
      `<path d="M${x - 62} ${y + 62}a62 62 0 0 1 62 -62a62 62 0 0 0 -34 62z" fill="#fff" opacity=".12"/>` +
      `<ellipse cx="${x}" cy="${y + 63}" rx="62" ry="7" fill="${palette.light}"/>` +
      `<circle cx="${x}" cy="${y + 70}" r="13" fill="#fffaf0"/>`
    );
  });
  const leaves = [-64, -38, -14, 12, 36, 60].map(
    (turn, i) =>
      `<path d="M0 0C-20 -46 -12 -92 0 -${124 + (i % 3) * 14}C12 -92 20 -46 0 0Z" transform="translate(452 408) rotate(${turn})" fill="${i % 2 ? near : palette.planes[1]}"/>`,
  );
  return (
    `<defs>${gradient('wall', palette.sky)}${gradient('floor', [near, nearest])}${gradient('glass', [palette.pale, palette.planes[0]])}${glow('glow', palette.light, palette.dark ? 0.75 : 0.95)}</defs>` +
    `<rect width="1200" height="600" fill="url(#wall)"/>` +
    `<path d="M${mirrorX} 430V210a95 95 0 0 1 190 0V430z" fill="url(#glass)" stroke="${palette.accent}" stroke-width="7"/>` +
    `<path d="M${mirrorX + 34} 400V228a62 62 0 0 1 40 -58" stroke="#fff" stroke-width="7" stroke-linecap="round" fill="none" opacity=".35"/>` +
    pendants.join('') +
    leaves.join('') +
    `<path d="M408 402h88l-12 62a10 10 0 0 1 -10 8h-44a10 10 0 0 1 -10 -8z" fill="${palette.pale}"/>` +
    `<path d="M408 402h88l-3 16h-82z" fill="#000" opacity=".07"/>` +
    `<rect x="90" y="468" width="1020" height="14" rx="7" fill="${palette.accent}"/>` +
    `<rect x="112" y="482" width="976" height="118" fill="url(#floor)"/>` +
    [356, 600, 844]
      .map((x) => `<path d="M${x} 494V600" stroke="#000" stroke-opacity=".22" stroke-width="3"/>`)
      .join('') +
    [334, 578, 622, 866].map((x) => `<circle cx="${x}" cy="540" r="6" fill="${palette.accent}"/>`).join('') +
    `<g><rect x="690" y="446" width="150" height="22" rx="4" fill="${palette.planes[1]}"/><rect x="704" y="426" width="128" height="20" rx="4" fill="${palette.pale}"/>` +
    `<rect x="720" y="408" width="98" height="18" rx="4" fill="${near}"/></g>` +
    `<path d="M930 468c-26 -20 -28 -62 0 -78v-20h28v20c28 16 26 58 0 78z" fill="${nearest}"/><path d="M938 370v20c-20 14 -22 44 -8 66" stroke="#fff" stroke-opacity=".22" stroke-width="6" stroke-linecap="round" fill="none"/>`
  );
};
