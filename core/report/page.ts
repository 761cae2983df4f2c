import { inlineFigure, standaloneFigure, type Figure } from './figures/figure.js';
import { markup, Markup, type Content } from './markup.js';
import { pageStyle } from './page-style.js';
import type { Report } from './report.js';
import { agreementSection } from './sections/agreement.js';
import { curvesSection } from './sections/curves.js';
import { gallerySection } from './sections/gallery.js';
import { labelUseSection } from './sections/label-use.js';
import { mapSection } from './sections/map.js';
import { list } from './sections/numbers.js';
import { resultSections } from './sections/result.js';
import { runsSection } from './sections/runs.js';
import type { Section } from './sections/section.js';
import { usefulnessSection } from './sections/usefulness.js';

const parts: readonly ((report: Report) => Section | readonly Section[] | undefined)[] = [
  resultSections,
  curvesSection,
  usefulnessSection,
  labelUseSection,
  gallerySection,
  agreementSection,
  mapSection,
  runsSection,
];

/** A report's sections; one that has nothing to show is left out. */
export const sectionsOf = (report: Report): readonly Section[] => parts.flatMap((section) => section(report) ?? []);

/** One HTML file that needs nothing but itself. Equal reports make equal bytes. */
export function page(report: Report, sections: readonly Section[]): string {
  const { title, facts } = headline(report);
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="auxflow">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${new Markup(pageStyle())}</style>
</head>
<body>
<a class="skip" href="#${sections[0]!.id}">Skip to the ${sections[0]!.title.toLowerCase()}</a>
<div class="bar-top"><nav aria-label="Sections">${sections.map(({ id, title }) => markup`<a href="#${id}">${title}</a>`)}</nav><button class="toggle" type="button" hidden>Dark</button></div>
<header><h1>${title}</h1><p class="facts">${facts}</p>${notice(report.notes)}</header>
<main>${sections.map(sectionMarkup)}</main>
<footer>Made by auxflow report. Each figure is also a file of its own with --svg FOLDER.</footer>
<script>${new Markup(toggleScript)}</script>
</body>
</html>
`.text;
}

/** The figures of all sections as SVG files, by file name. */
export function figureFiles(sections: readonly Section[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const figure of sections.flatMap(({ figures }) => figures))
    files.set(freeName(figure, files), standaloneFigure(figure));
  return files;
}

function freeName({ id }: Figure, taken: ReadonlyMap<string, unknown>): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? `${id}.svg` : `${id}-${number}.svg`;
    if (!taken.has(name)) return name;
  }
}

const sectionMarkup = ({ id, title, lead, table, figures, caption }: Section): Content =>
  markup`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2><p class="lead">${lead}</p>${table && markup`<div class="card table" role="region" tabindex="0" aria-label="${title}: table">${table}</div>`}${figures.length > 0 && markup`<div class="grid">${figures.map((figure) => markup`<figure class="card">${inlineFigure(figure)}</figure>`)}</div>`}${caption && markup`<p class="caption">${caption}</p>`}</section>`;

const notice = (notes: readonly string[]): Content =>
  notes.length > 0 &&
  markup`<div class="notice" role="note"><strong>Not everything is here</strong><ul>${notes.map((note) => markup`<li>${note}</li>`)}</ul></div>`;

/** What the runs have in common. */
function headline({ arms, runs }: Report): { readonly title: string; readonly facts: string } {
  const common = <T>(values: readonly T[]): T | undefined => (new Set(values).size === 1 ? values[0] : undefined);
  const datasets = runs.map(({ start: { config } }) => {
    const { dataset } = config as { readonly dataset?: { readonly use?: string; readonly primary?: string } };
    return [dataset?.use, dataset?.primary].filter((part) => part !== undefined).join(', ');
  });
  const names = common(runs.map(({ start }) => start.name));
  const dataset = common(datasets);
  const strategies = arms.map(({ label }) => label);
  const seeds = [...new Set(runs.map(({ start }) => start.seed))].sort((a, b) => a - b);
  const samples = common(runs.map(({ start }) => start.trainSamples));
  const epochs = common(runs.map(({ start }) => start.epochs));
  return {
    title: names ?? dataset ?? 'Several datasets',
    facts: [
      strategies.length > 6 ? `${strategies.length} strategies` : list(strategies),
      ...(names !== undefined && dataset !== undefined ? [dataset] : []),
      `${seeds.length === 1 ? 'seed' : 'seeds'} ${list(seeds.map(String))}`,
      ...(samples === undefined ? [] : [`${samples.toLocaleString('en-US')} training samples`]),
      ...(epochs === undefined ? [] : [`${epochs} epochs`]),
    ].join(' · '),
  };
}

/** The button turns the scheme over and keeps the reader's choice where the browser lets it. */
const toggleScript = `
(() => {
  const root = document.documentElement, button = document.querySelector('.toggle');
  const stored = () => { try { return localStorage.getItem('auxflow-theme'); } catch { return null; } };
  const system = matchMedia('(prefers-color-scheme: dark)');
  const show = () => {
    const dark = (root.dataset.theme ?? (system.matches ? 'dark' : 'light')) === 'dark';
    button.textContent = dark ? 'Light theme' : 'Dark theme';
    return dark;
  };
  const theme = stored();
  if (theme === 'dark' || theme === 'light') root.dataset.theme = theme;
  button.hidden = false;
  show();
  system.addEventListener('change', show);
  button.addEventListener('click', () => {
    root.dataset.theme = show() ? 'light' : 'dark';
    try { localStorage.setItem('auxflow-theme', root.dataset.theme); } catch {}
    show();
  });
})();`;
