import { renameSync, rmSync, writeFileSync } from 'node:fs';

/** Writes a small file that is either as it was or as it should be, at once; `writeAtomically` also outlives a power cut. */
export function replaceFile(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
