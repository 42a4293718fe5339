import { between, glow, gradient, type Scene } from './scene';

/** A corner to read in: a floor lamp beside an armchair, a window, books and a plant. */
export const room: Scene = (palette, random) => {
  const [far, middle, near, nearest] = palette.planes;
  const lampX = between(random, 380, 470);
  const lampY = between(random, 196, 226);
  const windowX = between(random, 800, 860);
  const chair = palette.dark ? far : near;
  const seat = palette.dark ? palette.pale : middle;
  const books = Array.from({ length: 8 }, (_, i) => {
    const height = between(random, 44, 76);
    const colour = [palette.accent, near, middle, nearest][i % 4];
    return `<rect x="${86 + i * 18}" y="${188 - height}" width="14" height="${height}" rx="2" fill="${colour}"/>`;
  });
  const leaves = [-72, -46, -22, 2, 26, 50, 74].map(
    (turn, i) =>
      `<path d="M0 0C-19 -44 -12 -86 0 -${118 + (i % 3) * 14}C12 -86 19 -44 0 0Z" transform="translate(${lampX - 206} 424) rotate(${turn})" fill="${i % 2 ? middle : near}"/>`,
  );
  const x = lampX + 128;
  return (
    `<defs>${gradient('wall', palette.sky)}${gradient('floor', [near, nearest])}${gradient('pane', palette.dark ? [nearest, palette.pale] : [palette.pale, far])}${glow('glow', palette.light, palette.dark ? 0.85 : 0.95)}</defs>` +
    `<rect width="1200" height="600" fill="url(#wall)"/>` +
    `<rect x="${windowX}" y="74" width="236" height="286" rx="8" fill="url(#pane)"/>` +
    `<circle cx="${windowX + 156}" cy="150" r="27" fill="${palette.light}"/>` +
    `<path d="M${windowX} 306q62 -52 118 -18t118 -12v84h-236z" fill="${palette.dark ? near : middle}" opacity=".75"/>` +
    `<path d="M${windowX + 118} 74v286M${windowX} 214h236" stroke="${nearest}" stroke-width="6"/>` +
    `<rect x="${windowX}" y="74" width="236" height="286" rx="8" fill="none" stroke="${nearest}" stroke-width="10"/>` +
    `<circle cx="${lampX}" cy="${lampY + 60}" r="390" fill="url(#glow)"/>` +
    `${books.join('')}<rect x="66" y="188" width="190" height="9" rx="3" fill="${nearest}"/>` +
    `<rect y="490" width="1200" height="110" fill="url(#floor)"/><rect y="486" width="1200" height="6" fill="${palette.accent}" opacity=".55"/>` +
    `<ellipse cx="${x + 60}" cy="526" rx="330" ry="20" fill="${palette.accent}" opacity=".28"/>` +
    `${leaves.join('')}<path d="M${lampX - 244} 420h76l-11 64a8 8 0 0 1 -8 6h-38a8 8 0 0 1 -8 -6z" fill="${palette.pale}"/>` +
    `<g fill="${chair}"><path d="M${x} 334q0 -50 50 -50h112q50 0 50 50v94h-212z"/><path d="M${x - 34} 392q0 -28 29 -28t29 28v96h-58zM${x + 188} 392q0 -28 29 -28t29 28v96h-58z"/></g>` +
    `<rect x="${x + 22}" y="404" width="168" height="50" rx="18" fill="${seat}"/><rect x="${x + 24}" y="454" width="164" height="34" fill="${chair}"/>` +
    `<rect x="${x + 60}" y="336" width="86" height="76" rx="14" fill="${palette.accent}" transform="rotate(-8 ${x + 103} 374)"/>` +
    `<path d="M${x + 2} 486v24M${x + 210} 486v24" stroke="${nearest}" stroke-width="11" stroke-linecap="round"/>` +
    `<path d="M${lampX} ${lampY + 78}V488" stroke="${nearest}" stroke-width="7"/><path d="M${lampX - 46} 490h92" stroke="${nearest}" stroke-width="12" stroke-linecap="round"/>` +
    `<path d="M${lampX - 44} ${lampY}h88l34 88h-156z" fill="${palette.accent}"/><path d="M${lampX - 44} ${lampY}h88l34 88h-156z" fill="${palette.light}" opacity=".45"/>`
  );
};
