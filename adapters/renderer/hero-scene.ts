import type { Content } from '../../domain/campaigns/scenario';

export const HERO = { width: 1200, height: 600 } as const;

type Palette = Content['heroPalette'];

interface Tones {
  readonly scene: 'room' | 'hills';
  readonly sky: readonly [string, string, string];
  readonly far: string;
  readonly middle: string;
  readonly near: string;
  readonly glow: string;
  readonly accent: string;
}

const TONES: Readonly<Record<Palette, Tones>> = {
  warm: { scene: 'room', sky: ['#f6d9b0', '#eab786', '#d08c60'], far: '#b86f4b', middle: '#8a4b38', near: '#4b2a2a', glow: '#fff1cf', accent: '#f0b35e' },
  night: { scene: 'room', sky: ['#1d2b44', '#27385a', '#3b4a6b'], far: '#22314c', middle: '#182338', near: '#0e1524', glow: '#ffe3a6', accent: '#e9b872' },
  cool: { scene: 'hills', sky: ['#dcebf2', '#b9d6e4', '#8fb9cf'], far: '#7ba6bb', middle: '#4f7f97', near: '#2b566d', glow: '#ffffff', accent: '#f3efe4' },
  spring: { scene: 'hills', sky: ['#fdf3dc', '#f3e3bd', '#d9e2b4'], far: '#b7cb8d', middle: '#86a968', near: '#4f7a4c', glow: '#fffbe8', accent: '#f2a65a' },
};

/** 32-bit FNV-1a: the same words always draw the same variation. Nothing is decided by it. */
function seeded(words: string): () => number {
  let state = 0x811c9dc5;
  for (const char of words) state = Math.imul(state ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * The hero as SVG, 1200×600. It carries a mood and nothing to read: the offer stays text in the message. `guideline`
 * is the persona's visual guideline; it varies the composition, so that each persona has a picture of its own.
 */
export function heroScene(palette: Palette, guideline: string): string {
  const tones = TONES[palette];
  const random = seeded(`${palette} ${guideline}`);
  const { width, height } = HERO;
  const body = tones.scene === 'room' ? room(tones, random) : hills(tones, random);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<defs>
<linearGradient id="sky" x1="0" y1="0" x2="0.35" y2="1"><stop offset="0" stop-color="${tones.sky[0]}"/><stop offset="0.55" stop-color="${tones.sky[1]}"/><stop offset="1" stop-color="${tones.sky[2]}"/></linearGradient>
<radialGradient id="glow"><stop offset="0" stop-color="${tones.glow}" stop-opacity="0.95"/><stop offset="0.35" stop-color="${tones.glow}" stop-opacity="0.4"/><stop offset="1" stop-color="${tones.glow}" stop-opacity="0"/></radialGradient>
</defs>
<rect width="${width}" height="${height}" fill="url(#sky)"/>
${body}
</svg>`;
}

const glow = (x: number, y: number, r: number): string => `<circle cx="${x}" cy="${y}" r="${r}" fill="url(#glow)"/>`;

function room(tones: Tones, random: () => number): string {
  const lampX = 330 + Math.round(random() * 180);
  const lampY = 205 + Math.round(random() * 40);
  const windowX = 760 + Math.round(random() * 60);
  const pendant = random() > 0.5 ? pendantLamp(tones, 980 + Math.round(random() * 90)) : '';
  return [
    windowPane(tones, windowX, random),
    glow(lampX, lampY + 60, 380),
    `<rect y="492" width="1200" height="108" fill="${tones.near}"/>`,
    `<rect y="486" width="1200" height="8" fill="${tones.middle}"/>`,
    pendant,
    shelf(tones, random),
    armchair(tones, lampX + 120),
    floorLamp(tones, lampX, lampY),
    plant(tones, lampX - 220, random),
  ].join('\n');
}

const windowPane = (t: Tones, x: number, random: () => number): string => {
  const moon = `<circle cx="${x + 60 + Math.round(random() * 90)}" cy="${130 + Math.round(random() * 60)}" r="26" fill="${t.glow}" opacity="0.85"/>`;
  return `<rect x="${x}" y="70" width="230" height="280" rx="6" fill="${t.far}" opacity="0.55"/>${moon}
<path d="M${x} 300 q60 -50 115 -18 t115 -14 v82 h-230z" fill="${t.middle}" opacity="0.6"/>
<path d="M${x + 115} 70v280M${x} 210h230" stroke="${t.near}" stroke-width="7" opacity="0.75"/>
<rect x="${x}" y="70" width="230" height="280" rx="6" fill="none" stroke="${t.near}" stroke-width="9" opacity="0.85"/>`;
};

const pendantLamp = (t: Tones, x: number): string =>
  `${glow(x, 215, 200)}<path d="M${x} 0V150" stroke="${t.near}" stroke-width="4"/><path d="M${x - 46} 205a46 46 0 0 1 92 0z" fill="${t.accent}"/>`;

const floorLamp = (t: Tones, x: number, y: number): string =>
  `<path d="M${x} ${y + 70}V480" stroke="${t.near}" stroke-width="7"/><path d="M${x - 48} 486h96" stroke="${t.near}" stroke-width="12" stroke-linecap="round"/>
<path d="M${x - 42} ${y}h84l32 84h-148z" fill="${t.accent}"/><path d="M${x - 42} ${y}h84l6 16h-96z" fill="${t.glow}" opacity="0.5"/>`;

const armchair = (t: Tones, x: number): string =>
  `<g fill="${t.middle}"><path d="M${x} 330q0 -46 46 -46h112q46 0 46 46v90h-204z"/><path d="M${x - 34} 384q0 -26 28 -26t28 26v102h-56zM${x + 182} 384q0 -26 28 -26t28 26v102h-56z"/></g>
<rect x="${x + 18}" y="402" width="168" height="46" rx="16" fill="${t.far}"/><path d="M${x + 6} 486v26M${x + 198} 486v26" stroke="${t.near}" stroke-width="10"/>`;

const shelf = (t: Tones, random: () => number): string => {
  const books = Array.from({ length: 7 }, (_, i) => {
    const h = 44 + Math.round(random() * 34);
    return `<rect x="${70 + i * 17}" y="${188 - h}" width="13" height="${h}" fill="${i % 3 === 0 ? t.accent : t.middle}" opacity="0.9"/>`;
  });
  return `${books.join('')}<rect x="54" y="188" width="180" height="9" fill="${t.near}"/>`;
};

const plant = (t: Tones, x: number, random: () => number): string => {
  const leaves = Array.from({ length: 7 }, (_, i) => {
    const angle = -70 + i * 23 + Math.round(random() * 8);
    return `<path d="M${x} 430q-16 -62 0 -124q16 62 0 124z" fill="${t.middle}" transform="rotate(${angle} ${x} 430)"/>`;
  });
  return `${leaves.join('')}<path d="M${x - 38} 426h76l-12 64h-52z" fill="${t.far}"/>`;
};

function hills(tones: Tones, random: () => number): string {
  const sunX = 780 + Math.round(random() * 240);
  const sunY = 150 + Math.round(random() * 60);
  const ridge = (base: number, swing: number): string => {
    const points = [0, 200, 400, 600, 800, 1000, 1200].map((x) => [x, base + Math.round((random() - 0.5) * swing)] as const);
    const [first] = points;
    const curve = points.slice(1).map(([x, y], i) => {
      const [px, py] = points[i] ?? [0, base];
      return `C${px + 100} ${py} ${x - 100} ${y} ${x} ${y}`;
    });
    return `M0 ${first?.[1] ?? base}${curve.join('')}V600H0z`;
  };
  const trees = Array.from({ length: 9 }, () => {
    const x = 40 + Math.round(random() * 1120);
    const h = 46 + Math.round(random() * 46);
    return `<path d="M${x} ${520 - h}l${h * 0.28} ${h}h-${h * 0.56}z" fill="${tones.near}" opacity="0.8"/>`;
  });
  return [
    glow(sunX, sunY, 300),
    `<circle cx="${sunX}" cy="${sunY}" r="58" fill="${tones.glow}"/>`,
    `<path d="${ridge(330, 120)}" fill="${tones.far}"/>`,
    `<path d="${ridge(410, 90)}" fill="${tones.middle}"/>`,
    trees.join(''),
    `<path d="${ridge(515, 50)}" fill="${tones.near}"/>`,
    `<path d="M${520 + Math.round(random() * 120)} 600q40 -60 -20 -90t30 -80" fill="none" stroke="${tones.accent}" stroke-width="10" stroke-linecap="round" opacity="0.75"/>`,
  ].join('\n');
}
