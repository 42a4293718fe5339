import { html, type Html } from './pages/html';

const STYLE = `
svg { color-scheme: light dark; font: 12px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
.ground { fill: light-dark(#ffffff, #171c21); } text { fill: light-dark(#57606a, #a3adb6); }
.name { fill: light-dark(#1a2027, #e8ecef); font-weight: 600; }
line { stroke: light-dark(#c6c7bd, #3e4851); stroke-width: 2; } .rule { stroke-width: 1; }
.zero { stroke: light-dark(#57606a, #a3adb6); stroke-width: 1; stroke-dasharray: 3 3; }
.ci { stroke: light-dark(#57606a, #a3adb6); } .ci-clear { stroke: light-dark(#0f6b5f, #63d2bf); }
.dot-clear { fill: light-dark(#0f6b5f, #63d2bf); }
.dot-open { fill: light-dark(#ffffff, #171c21); stroke: light-dark(#57606a, #a3adb6); stroke-width: 2; }
.band { fill: light-dark(#e0f0ec, #143a34); } .middle { fill: none; stroke: light-dark(#0f6b5f, #63d2bf); stroke-width: 1.5; }`;

/** A drawing, as a row of a figure that stands by itself. */
export interface Drawing {
  readonly svg: Html;
  readonly width: number;
  readonly height: number;
}

/** Drawings one below the other as one SVG file, for a document that links to it. */
export function figure(title: string, drawings: readonly Drawing[]): string {
  const width = Math.max(0, ...drawings.map((drawing) => drawing.width));
  let height = 0;
  const placed = drawings.map((drawing) => {
    const at = height;
    height += drawing.height;
    return html`<svg x="0" y="${at}" width="${drawing.width}" height="${drawing.height}">
      ${drawing.svg}
    </svg>`;
  });
  return html`<svg
    xmlns="http://www.w3.org/2000/svg"
    width="${width}"
    height="${height}"
    viewBox="0 0 ${width} ${height}"
    role="img"
  >
    <title>${title}</title>
    <style>
      ${STYLE}
    </style>
    <rect class="ground" width="100%" height="100%" />
    ${placed}
  </svg>`.text;
}
