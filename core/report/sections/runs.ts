import { stringify } from 'yaml';
import { scoreOf } from '../../events/index.js';
import { markup } from '../markup.js';
import type { Report } from '../report.js';
import { scoreText, seconds } from './numbers.js';
import type { Section } from './section.js';

/** Which runs this is about, how each ended, and what each arm was asked for. */
export function runsSection({ arms, folderOf }: Report): Section {
  return {
    id: 'runs',
    title: 'Runs',
    lead: 'Every run this report is about. Running its config.yaml again repeats it.',
    table: markup`<table><caption>Runs</caption><thead><tr><th scope="col">folder</th><th scope="col">strategy</th><th scope="col" class="number">seed</th><th scope="col">ended</th><th scope="col" class="number">epochs</th><th scope="col" class="number">test score</th><th scope="col" class="number">time</th></tr></thead><tbody>${arms.flatMap(
      ({ label, color, runs }) =>
        runs.map(
          (run) =>
            markup`<tr><th scope="row"><code>${folderOf(run)}</code></th><td><span class="key s${color % 10}"></span>${label}</td><td class="number">${run.start.seed}</td><td>${run.status}</td><td class="number">${run.epochs.length} of ${run.start.epochs}</td><td class="number">${run.test ? scoreText(scoreOf(run.test)) : '–'}</td><td class="number">${run.durationMs === undefined ? '–' : seconds(run.durationMs)}</td></tr>`,
        ),
    )}</tbody></table>${arms.map(
      ({ label, runs }) =>
        markup`<details><summary>Pipeline of ${label}</summary><pre tabindex="0">${stringify(withoutFolder(runs[0]!.start.config), { aliasDuplicateObjects: false })}</pre></details>`,
    )}`,
    figures: [],
  };
}

/** Where runs are put is the machine's business. */
const withoutFolder = (config: unknown): unknown =>
  typeof config === 'object' && config !== null ? { ...config, runs: undefined } : config;
