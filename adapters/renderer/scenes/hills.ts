import { between, glow, gradient, type Scene } from './scene';

/** A ridge across the picture: three sine waves of unlike length, so that it never looks like one. */
function ridge(random: () => number, baseY: number, height: number): string {
  const waves = [
    { length: between(random, 620, 980), at: between(random, 0, 6), size: height },
    { length: between(random, 260, 420), at: between(random, 0, 6), size: height * 0.38 },
    { length: between(random, 110, 170), at: between(random, 0, 6), size: height * 0.08 },
  ];
  const points: string[] = [];
  for (let x = -20; x <= 1220; x += 20) {
    const y = waves.reduce((sum, w) => sum - w.size * Math.sin((x / w.length) * Math.PI * 2 + w.at), baseY);
    points.push(`${x} ${y.toFixed(1)}`);
  }
  return `M-20 620L${points.join('L')}L1220 620Z`;
}

export const hills: Scene = (palette, random) => {
  const sunX = between(random, 300, 900);
  const sunY = palette.dark ? between(random, 120, 170) : between(random, 190, 250);
  const radius = palette.dark ? 46 : between(random, 66, 84);
  const stars = palette.dark
    ? Array.from({ length: 70 }, () => {
        const size = between(random, 0.7, 2.1);
        return `<circle cx="${between(random, 0, 1200)}" cy="${between(random, 0, 330)}" r="${size}" opacity="${between(random, 0.3, 0.9)}"/>`;
      }).join('')
    : '';
  const bands = [0, 1, 2, 3].map((i) => {
    const path = ridge(random, 372 + i * 62, 46 - i * 5);
    return `<path d="${path}" fill="url(#p${i})"/>`;
  });
  const birds = palette.dark
    ? ''
    : `<g fill="none" stroke="${palette.planes[2]}" stroke-width="2.6" stroke-linecap="round" opacity=".65">` +
      [0, 1, 2]
        .map((i) => {
          const x = sunX + (sunX > 600 ? -330 : 210) + i * 46;
          const y = sunY - 50 + (i % 2) * 24;
          return `<path d="M${x} ${y}q7 -8 13 0q6 -8 13 0"/>`;
        })
        .join('') +
      '</g>';
  return (
    `<defs>${gradient('sky', palette.sky)}${glow('halo', palette.light, 0.95)}` +
    palette.planes
      .map((plane, i) =>
        gradient(
          `p${i}`,
          [plane, palette.planes[Math.min(3, i + 1)] ?? plane].map((c, k) =>
            k === 0 ? c : mix(plane, c, 0.45),
          ),
        ),
      )
      .join('') +
    `</defs><rect width="1200" height="600" fill="url(#sky)"/><g fill="${palette.light}">${stars}</g>` +
    `<circle cx="${sunX}" cy="${sunY}" r="${radius * 3.4}" fill="url(#halo)" opacity=".8"/>` +
    `<circle cx="${sunX}" cy="${sunY}" r="${radius}" fill="${palette.light}"/>${birds}${bands.join('')}`
  );
};

/** Between two #rrggbb colours. */
function mix(from: string, to: string, share: number): string {
  const channel = (at: number): string => {
    const a = Number.parseInt(from.slice(at, at + 2), 16);
    const b = Number.parseInt(to.slice(at, at + 2), 16);
    return Math.round(a + (b - a) * share)
      .toString(16)
      .padStart(2, '0');
  };
  return `#${channel(1)}${channel(3)}${channel(5)}`;
}
