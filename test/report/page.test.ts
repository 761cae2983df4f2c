import { describe, expect, it } from '@jest/globals';
import { DataError } from '../../core/errors/index.js';
import { accuracy, rSquared } from '../../core/events/index.js';
import { figureFiles, page, report, sectionsOf } from '../../core/report/index.js';
import type { Arm, Labelling } from '../../core/report/index.js';
import { decimal, percent, points } from '../../core/report/sections/numbers.js';
import { dark, light } from '../../core/report/theme.js';
import { Folder } from '../config/folder.js';
import { elements } from './elements.js';
import { writeRun, type Recorded } from './record.js';

const labelUse = (primaryClass: string) => [
  { primaryClass, samples: 10, shares: [0.75, 0.25], effectiveClasses: 1.75, sampleEntropy: 0.5, sharpness: 0.2 },
];
const learned: Recorded = { strategy: 'learned', auxiliary: true, labelUse: labelUse('even') };
const compared: readonly Recorded[] = [1, 2, 3].flatMap((seed) => [
  { seed, strategy: 'plain', accuracy: 0.8 + seed / 100 },
  { ...learned, seed, accuracy: 0.82 + seed / 90 },
]);

/** The report of runs in a folder of their own, read and made anew. */
async function made(runs: readonly Recorded[]) {
  using folder = new Folder();
  for (const [i, run] of runs.entries()) writeRun(folder, `runs/${i}`, run);
  const load = () => Promise.reject(new DataError('data/none', 'there is nothing to load'));
  const read = await report(['runs'], { cwd: folder.path, load });
  const sections = sectionsOf(read);
  return { read, html: page(read, sections), files: figureFiles(sections), sections };
}

const namesOf = (sections: readonly { readonly id: string }[]) => sections.map(({ id }) => id);

describe('a report', () => {
  it('is one well-formed page with a heading, a table and figures that have text', async () => {
    const { html, sections } = await made(compared);
    const all = elements(html);
    const named = (name: string) => all.filter((element) => element.name === name);
    expect(named('h1')).toHaveLength(1);
    expect(named('section').map(({ attributes }) => attributes['id'])).toEqual(namesOf(sections));
    expect(named('title')[0]!.text).toBe('run');
    for (const { attributes } of named('svg')) expect(attributes['aria-label']!.length).toBeGreaterThan(10);
    expect(named('svg')).toHaveLength(sections.flatMap(({ figures }) => figures).length);
    expect(named('table').length).toBe(named('caption').length);
    for (const { attributes } of named('th')) expect(attributes['scope']).toBeDefined();
    const ids = all.flatMap(({ attributes }) => attributes['id'] ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { attributes } of named('a')) expect(ids).toContain(attributes['href']!.slice(1));
  });

  it('needs nothing from anywhere', async () => {
    const { html, files } = await made(compared);
    for (const source of [html, ...files.values()]) {
      const bare = source.replaceAll('http://www.w3.org/2000/svg', '');
      expect(bare).not.toMatch(/https?:|\/\/[a-z]|@import|url\(/i);
      const links = elements(source).flatMap(({ attributes }) => attributes['href'] ?? attributes['src'] ?? []);
      for (const link of links) expect(link).toMatch(/^(#|data:)/);
    }
  });

  it('is the same, byte for byte, of the same runs', async () => {
    const [first, second] = [await made(compared), await made(compared)];
    expect(second.html).toBe(first.html);
    expect([...second.files]).toEqual([...first.files]);
  });

  it('says who is ahead, and whether the seeds settle it', async () => {
    const text = (html: string) => html.replace(/<style>.*<\/style>/s, '').replace(/<[^>]+>/g, '');
    const certain = text((await made(compared)).html);
    expect(certain).toContain('learned has the highest mean test accuracy, 84.22% over 3 seeds.');
    expect(certain).toContain('Its difference to plain is +2.22 points; the 95% t interval, +1.95 to +2.50 (n = 3)');
    expect(certain).toContain('leaves 0 out');
    const wide = compared.map((run) =>
      run.strategy === 'plain' ? { ...run, accuracy: run.accuracy! ** run.seed! } : run,
    );
    expect(text((await made(wide)).html)).toContain('includes 0');
    const single = text((await made([{ ...learned, accuracy: 0.5 }])).html);
    expect(single).toContain('learned reaches a test accuracy of 50.00% with one seed.');
  });

  it('has a table for each task, with no winner across them', async () => {
    const on = (use: string, primary: string, strategy: string) => ({
      strategy,
      name: `${use}-${primary}-${strategy}`,
      config: { dataset: { use, primary, fine: 'x', train: 100 }, auxiliary: { use: strategy } },
    });
    const { html, files, sections } = await made([
      { ...on('mnist', 'parity', 'plain'), accuracy: 0.97 },
      { ...on('mnist', 'parity', 'other'), accuracy: 0.98 },
      { ...on('cifar', 'group', 'plain'), accuracy: 0.3 },
      { ...on('cifar', 'class', 'plain'), accuracy: 0.2 },
      { ...on('cifar', 'Class', 'plain'), accuracy: 0.1 },
    ]);
    expect(namesOf(sections).filter((id) => id.startsWith('result'))).toEqual([
      'result-mnist-parity',
      'result-cifar-group',
      'result-cifar-class',
      'result-cifar-class-2',
    ]);
    const leads = sections.slice(0, 3).map(({ lead }) => String(lead));
    expect(leads[0]).toMatch(/other.* has the highest mean test accuracy, 98/);
    for (const lead of leads.slice(1)) expect(lead).toMatch(/reaches a test accuracy of [23]0\.00% with one seed\.$/);
    const rows = (section: (typeof sections)[number]) =>
      elements(String(section.table)).filter(({ name, attributes }) => name === 'th' && attributes['scope'] === 'row');
    expect(sections.slice(0, 3).map((section) => rows(section).length)).toEqual([2, 1, 1]);
    expect([...files.keys()]).toEqual(
      expect.arrayContaining(['test-accuracy-mnist-parity.svg', 'training-accuracy-cifar-class.svg']),
    );
    elements(html);
  });

  it('says in what else the runs of a table differ', async () => {
    const lead = async (...runs: readonly Recorded[]) => String((await made(runs)).sections[0]!.lead);
    const plain = { strategy: 'plain', accuracy: 0.8 };
    const dataset = (changes: object) => ({ dataset: { use: 'digits', primary: 'parity', ...changes } });
    expect(await lead(plain, { ...learned, accuracy: 0.9 })).not.toContain('differ in');
    expect(await lead(plain, { ...learned, accuracy: 0.9, epochs: 3 })).toMatch(
      / These runs also differ in epochs \(2 and 3\) and updates of the main network \(4 and 6\), so that the table/,
    );
    const small = { ...learned, accuracy: 0.9, trainSamples: 500, config: dataset({ train: 500 }) };
    expect(await lead({ ...plain, config: dataset({}) }, small)).toContain('differ in training samples (500 and 1000)');
  });

  it('shows peak memory where a comparison has measured it', async () => {
    using folder = new Folder();
    for (const [i, run] of compared.entries()) writeRun(folder, `runs/${i}`, run);
    const trials = (...numbers: number[]) =>
      numbers.map((n) => ({ directory: `/there/runs/${n}`, peakBytes: n * 2 ** 20 }));
    const [plain, old] = [trials(0, 2, 4), trials(1, 3, 5).map(({ directory }) => ({ directory }))];
    const variants = [
      { label: 'plain', trials: plain },
      { label: 'ours', trials: old, peakBytes: { mean: 7 * 2 ** 20 } },
    ];
    folder.write('result.json', JSON.stringify({ directory: '/there', controls: ['plain'], variants }));
    const load = () => Promise.reject(new DataError('data/none', 'there is nothing to load'));
    const read = await report(['.'], { cwd: folder.path, load });
    expect(read.results.map(({ peakBytes }) => peakBytes?.mean)).toEqual([2 * 2 ** 20, 7 * 2 ** 20]);
    const table = String(sectionsOf(read)[0]!.table);
    expect(table).toContain('peak memory');
    expect(table).toMatch(/2 MB<[^]*7 MB</);
    expect((await made(compared)).html).not.toContain('peak memory');
  });

  it('leaves out what a run has nothing to show of', async () => {
    expect(namesOf((await made([{ accuracy: 0.5 }])).sections)).toEqual(['result', 'curves', 'runs']);
    expect(namesOf((await made([learned])).sections)).toEqual(['curves', 'usefulness', 'label-use', 'runs']);
    expect(namesOf((await made([{ epochs: 0 }])).sections)).toEqual(['runs']);
  });

  it('says which runs have no result', async () => {
    const { html } = await made([
      { accuracy: 0.5 },
      { end: { type: 'run:stopped', reason: 'SIGINT', epoch: 2, durationMs: 1 } },
    ]);
    expect(html).toContain('<li>runs/1 stopped after 2 of 2 epochs: SIGINT</li>');
    expect((await made([{ accuracy: 0.5 }])).html).not.toContain('class="notice"');
  });

  it('shows hostile names as the text they are', async () => {
    const hostile = `<script>alert("1")</script>&'\u0000\u0007"onload="alert(2)`;
    const { html, files } = await made([
      { ...learned, strategy: hostile, name: hostile, accuracy: 0.5, labelUse: labelUse(hostile) },
      { strategy: `plain ${hostile}`, name: hostile, accuracy: 0.4 },
      { end: { type: 'run:stopped', reason: hostile, epoch: 2, durationMs: 1 } },
    ]);
    expect(elements(html).filter(({ name }) => name === 'script')).toHaveLength(1);
    for (const source of [html, ...files.values()]) {
      for (const { name, attributes } of elements(source)) {
        expect(['img', 'iframe']).not.toContain(name);
        expect(Object.keys(attributes).filter((key) => key.startsWith('on'))).toEqual([]);
      }
      // eslint-disable-next-line no-control-regex -- characters that XML forbids
      expect(source).not.toMatch(/[\u0000-\u0008]/);
    }
    for (const file of files.keys()) expect(file).toMatch(/^[\p{L}\p{N}-]+\.svg$/u);
  });

  it('has its figures as files of their own', async () => {
    const { files } = await made([...compared, { ...learned, strategy: 'Learned', seed: 1, accuracy: 0.5 }]);
    expect([...files.keys()]).toEqual(expect.arrayContaining(['test-accuracy.svg', 'gradient-cosine.svg', 'label-use-learned.svg', 'label-use-learned-2.svg'])); // prettier-ignore
    for (const text of files.values()) {
      const [svg, title, description] = elements(text);
      expect(svg).toMatchObject({ name: 'svg', attributes: { xmlns: 'http://www.w3.org/2000/svg' } });
      expect([title!.name, description!.name]).toEqual(['title', 'desc']);
      expect(text).not.toMatch(/NaN|Infinity|undefined|\[object/);
      expect(text).toContain('prefers-color-scheme: dark');
    }
  });
});

describe('agreement', () => {
  it('is told with people and between seeds, beside that of untrained labels', async () => {
    const { read } = await made([learned, { ...learned, seed: 2 }]);
    const [arm] = read.arms as [Arm];
    const labelling = (assigned: readonly number[]): Labelling => ({
      split: 'test',
      primary: Int32Array.of(0, 0, 0, 0, 1, 1, 1, 1),
      primaryClasses: ['even', 'odd'],
      human: { level: 'digit', classes: ['0', '1', '2', '3'], labels: Int32Array.of(0, 0, 1, 1, 2, 2, 3, 3) },
      blocks: [
        { name: 'even', start: 0, size: 2 },
        { name: 'odd', start: 2, size: 2 },
      ],
      assigned: Int32Array.from(assigned),
      untrained: Int32Array.of(0, 1, 0, 1, 2, 3, 2, 3),
    });
    const labels = [
      [1, 1, 0, 0, 2, 2, 3, 3],
      [0, 1, 0, 1, 2, 2, 3, 3],
    ];
    const runs = arm.runs.map((run, i) => ({ arm, run, labelling: labelling(labels[i]!) }));
    const section = sectionsOf({ ...read, labelled: runs }).find(({ id }) => id === 'agreement')!;
    expect(section.figures[0]!.description).toBe(
      'learned with digit 0.75; learned with digit, before training 0.00; learned between seeds 0.50',
    );
    const cells = elements(String(section.table)).filter(({ name }) => name === 'td');
    const numbers = cells.map(({ text }) => text);
    // Seed, samples, level, overall NMI and ARI, inside the primary classes, before training.
    expect(numbers.slice(0, 9)).toEqual(['1', 'test', 'digit', '1.00', '1.00', '1.00', '1.00', '0.00', '−0.50']);
    expect(numbers.slice(9, 12)).toEqual(['2', 'test', 'digit']);
    expect(numbers.slice(14, 16)).toEqual(['0.50', '0.25']);
  });

  it('compares fixed and learned labels on training samples', async () => {
    const { read } = await made([learned, { ...learned, strategy: 'clusters' }]);
    const [ours, theirs] = read.arms as [Arm, Arm];
    const sorted = (split: 'test' | 'train', assigned: readonly number[]) => ({
      split,
      primary: Int32Array.of(0, 0, 0, 0),
      human: { level: 'digit', classes: ['0', '1'], labels: Int32Array.of(0, 0, 1, 1) },
      assigned: Int32Array.from(assigned),
    });
    const about = { primaryClasses: ['even'], blocks: [{ name: 'even', start: 0, size: 2 }] };
    const labelled = [
      { arm: ours, run: ours.runs[0]!, labelling: { ...about, ...sorted('test', [0, 0, 1, 1]), training: sorted('train', [0, 1, 0, 1]) } }, // prettier-ignore
      { arm: theirs, run: theirs.runs[0]!, labelling: { ...about, ...sorted('train', [1, 1, 0, 0]) } },
    ];
    const section = sectionsOf({ ...read, labelled }).find(({ id }) => id === 'agreement')!;
    expect(section.figures[0]!.description).toBe(
      'learned with digit 1.00; learned with digit, training samples 0.00; clusters with digit, training samples 1.00',
    );
    const cells = elements(String(section.table)).filter(({ name }) => name === 'td');
    expect(cells.map(({ text }) => text).filter((text) => /^t/.test(text))).toEqual(['test', 'training', 'training']);
  });
});

describe('numbers', () => {
  it('have no sign where they round to zero', () => {
    expect([decimal(-0.001), decimal(-0), decimal(-0.01), decimal(-0.0004, 3)]).toEqual([
      '0.00',
      '0.00',
      '−0.01',
      '0.000',
    ]);
    expect([-0.00001, 0, -0.0123, 0.2].map((value) => points(accuracy, value))).toEqual([
      '+0.00',
      '+0.00',
      '−1.23',
      '+20.00',
    ]);
    expect([-0.00001, -0.0123].map((value) => points(rSquared, value))).toEqual(['+0.0000', '−0.0123']);
    expect([percent(-0.00001), percent(-0.5)]).toEqual(['0.00%', '−50.00%']);
  });
});

describe('the themes', () => {
  const luminance = (color: string): number => {
    const [r, g, b] = [1, 3, 5].map((at) => {
      const value = parseInt(color.slice(at, at + 2), 16) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const contrast = (a: string, b: string): number => {
    const [dim, bright] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (bright! + 0.05) / (dim! + 0.05);
  };

  it.each([
    ['light', light],
    ['dark', dark],
  ])('%s has contrast enough (WCAG 2.2, 1.4.3 and 1.4.11)', (_, { series, ...theme }) => {
    for (const background of [theme.page, theme.surface]) {
      for (const text of [theme.ink, theme.muted, theme.accent])
        expect(contrast(text, background)).toBeGreaterThan(4.5);
      for (const color of series) expect(contrast(color, background)).toBeGreaterThan(3);
    }
    expect(contrast(theme.ink, theme.notice)).toBeGreaterThan(4.5);
  });
});
