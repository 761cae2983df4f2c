import { figureStyle, pagePalette, themeProperties } from './theme.js';

/** The style of a report's page; everything it needs is in it. */
export const pageStyle = (): string => `${themeProperties()}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 4rem; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.6 ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 1rem; top: 1rem; z-index: 2; background: var(--surface); padding: .5rem 1rem; }
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.bar-top { position: sticky; top: 0; z-index: 1; display: flex; gap: 1rem; align-items: center; padding: .6rem max(1rem, calc((100vw - 1080px) / 2)); background: color-mix(in srgb, var(--page) 88%, transparent); backdrop-filter: blur(8px); border-bottom: 1px solid var(--rule); }
.bar-top nav { display: flex; gap: 1.1rem; overflow-x: auto; flex: 1; scrollbar-width: none; }
.bar-top nav a { color: var(--muted); text-decoration: none; white-space: nowrap; font-size: .875rem; padding: .15rem 0; }
.bar-top nav a:hover { color: var(--ink); }
.toggle { flex: none; font: inherit; font-size: .875rem; color: var(--ink); background: var(--surface); border: 1px solid var(--rule); border-radius: 999px; padding: .25rem .8rem; cursor: pointer; }
main, header { max-width: 1080px; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 2.5rem; }
h1 { font-size: clamp(1.7rem, 4vw, 2.4rem); line-height: 1.2; letter-spacing: -.02em; margin: 0 0 .4rem; }
.facts { color: var(--muted); margin: 0; }
h2 { font-size: 1.3rem; letter-spacing: -.01em; margin: 0 0 .4rem; }
section { margin: 2.6rem 0; }
.lead { max-width: 72ch; margin: 0 0 1.1rem; }
.caption { max-width: 80ch; color: var(--muted); font-size: .875rem; margin: .8rem 0 0; }
.notice { background: var(--notice); border: 1px solid var(--rule); border-radius: 12px; padding: .8rem 1.1rem; margin: 1.5rem 0 0; overflow-wrap: anywhere; }
.notice ul { margin: .2rem 0 0; padding-left: 1.2rem; }
.card { background: var(--surface); border: 1px solid var(--rule); border-radius: 14px; padding: 1.1rem 1.2rem; margin: 0; }
.grid { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); align-items: start; }
.grid > :only-child { max-width: 532px; }
.card + .grid { margin-top: 1rem; }
.figure { display: block; width: 100%; height: auto; overflow: visible; }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .925rem; font-variant-numeric: tabular-nums; }
table caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
th, td { text-align: left; padding: .5rem .7rem; white-space: nowrap; font-weight: 400; }
tbody th { position: sticky; left: 0; background: var(--surface); }
thead th { color: var(--muted); font-size: .8rem; border-bottom: 1px solid var(--rule); vertical-align: bottom; }
tbody tr + tr > * { border-top: 1px solid var(--rule); }
.number { text-align: right; }
.best > * { font-weight: 650; }
.key { display: inline-block; width: .7em; height: .7em; border-radius: 50%; background: currentColor; margin-right: .55em; }
code, pre { font: .85em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
details { margin-top: .6rem; border-top: 1px solid var(--rule); padding-top: .6rem; }
summary { cursor: pointer; font-size: .925rem; }
pre { overflow-x: auto; background: var(--page); border-radius: 8px; padding: .8rem 1rem; }
footer { max-width: 1080px; margin: 0 auto; padding: 0 1rem 3rem; color: var(--muted); font-size: .875rem; }
@media print { .bar-top { display: none; } body { background: none; } .card { break-inside: avoid; } }
${figureStyle(pagePalette)}
@media (max-width: 500px) { .card { padding: .9rem .8rem; } .figure text { font-size: 13.5px; } .figure .quiet { font-size: 12.5px; } .figure .title { font-size: 15px; } }`;
