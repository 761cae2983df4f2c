import { dirname, join, resolve } from 'node:path';
import { makeFolder, writeAtomically } from '../checkpoint/index.js';
import { figureFiles, page, sectionsOf } from './page.js';
import { report, type Report, type ReportOptions } from './report.js';

export interface WriteReportOptions extends ReportOptions {
  /** The HTML file. */
  readonly out: string;
  /** A folder for the figures as SVG files. */
  readonly svg?: string;
}

/** What was written; paths are absolute. */
export interface WrittenReport {
  readonly report: Report;
  readonly page: string;
  readonly figures: readonly string[];
}

/** Makes a report of the runs at or below `paths` and writes it; folders are made where they are missing. */
export async function writeReport(paths: readonly string[], options: WriteReportOptions): Promise<WrittenReport> {
  const made = await report(paths, options);
  const sections = sectionsOf(made);
  const file = resolve(options.cwd, options.out);
  makeFolder(dirname(file));
  await writeAtomically(file, [page(made, sections)]);
  const figures: string[] = [];
  if (options.svg !== undefined) {
    const folder = resolve(options.cwd, options.svg);
    makeFolder(folder);
    for (const [name, text] of figureFiles(sections)) {
      figures.push(join(folder, name));
      await writeAtomically(figures.at(-1)!, [text]);
    }
  }
  return { report: made, page: file, figures };
}
