/** Colours by role; every series colour has a contrast of at least 3:1 to the surface, text 4.5:1. */
export interface Palette {
  readonly page: string;
  readonly surface: string;
  readonly ink: string;
  readonly muted: string;
  readonly rule: string;
  readonly accent: string;
  readonly notice: string;
  readonly series: readonly string[];
}

export const light: Palette = {
  page: '#f5f6f9',
  surface: '#ffffff',
  ink: '#161b26',
  muted: '#5a6475',
  rule: '#e2e6ed',
  accent: '#2a5bd7',
  notice: '#fff6e3',
  series: [
    '#6b7688',
    '#2a5bd7',
    '#c4570b',
    '#0d8478',
    '#ad2f8c',
    '#7748d1',
    '#4a8420',
    '#cc3344',
    '#8f6d08',
    '#1583a8',
  ],
};

export const dark: Palette = {
  page: '#0d1017',
  surface: '#151a23',
  ink: '#e8ecf3',
  muted: '#9ba6b8',
  rule: '#2a3140',
  accent: '#82abff',
  notice: '#2b2413',
  series: [
    '#a6b1c2',
    '#7fa8ff',
    '#ff9d5c',
    '#4fd0bf',
    '#f38cd0',
    '#b89cff',
    '#9bd268',
    '#ff8b93',
    '#e0be4f',
    '#62c8ea',
  ],
};

/** Whole page's colours as custom properties: by the system's scheme, unless the reader has chosen one. */
export const themeProperties = (): string => `
:root { color-scheme: light; ${properties(light)} }
@media (prefers-color-scheme: dark) { :root:not([data-theme='light']) { color-scheme: dark; ${properties(dark)} } }
:root[data-theme='dark'] { color-scheme: dark; ${properties(dark)} }`;

const properties = ({ series, ...roles }: Palette): string =>
  [...Object.entries(roles), ...series.map((color, i) => [`series-${i}`, color] as const)]
    .map(([name, color]) => `--${name}: ${color};`)
    .join(' ');

const variables = Object.fromEntries(Object.keys(light).map((role) => [role, `var(--${role})`]));

/** The palette of a page that has the custom properties. */
export const pagePalette = {
  ...variables,
  series: light.series.map((_, i) => `var(--series-${i})`),
} as unknown as Palette;

/** How figures look in the colours of `palette`; `.s0` to `.s9` are the series. */
export const figureStyle = ({ surface, ink, muted, rule, series }: Palette): string => `
.figure text { font: 12px ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; fill: ${ink}; font-variant-numeric: tabular-nums; }
.figure .quiet { fill: ${muted}; font-size: 11px; }
.figure .title { font-size: 13.5px; font-weight: 600; }
.figure .end { text-anchor: end; }
.figure .middle { text-anchor: middle; }
.figure .grid { stroke: ${rule}; stroke-width: 1; }
.figure .zero { stroke: ${muted}; stroke-width: 1; stroke-dasharray: 3 3; }
.figure .line { fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.figure .band { fill: currentColor; opacity: 0.15; }
.figure .mark { fill: currentColor; stroke: ${surface}; stroke-width: 1.5; }
.figure .seed { fill: currentColor; opacity: 0.45; }
.figure .interval { stroke: currentColor; stroke-width: 2; stroke-linecap: round; }
.figure .bar { fill: currentColor; }
.figure .cloud { fill: none; stroke: currentColor; stroke-width: 5; stroke-linecap: round; opacity: 0.75; }
.figure .halo { paint-order: stroke; stroke: ${surface}; stroke-width: 4px; stroke-linejoin: round; font-weight: 600; }
.figure .plate { paint-order: stroke; stroke: ${surface}; stroke-width: 5px; stroke-linejoin: round; }
.figure .picture { image-rendering: pixelated; }
.figure .surface { fill: ${surface}; }
${series.map((color, i) => `.s${i} { color: ${color}; }`).join('\n')}`;
