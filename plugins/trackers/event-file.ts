import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../core/checkpoint/index.js';
import { record } from './record.js';
import { fileVersion } from './summary.js';

/** How far a folder's event files went at a checkpoint. */
interface Position {
  /** Of the run's next event. */
  readonly sequence: number;
  readonly file: string;
  readonly bytes: number;
}

/** Bytes held back at most, and for how many milliseconds. */
const bufferSize = 1 << 16;
const bufferTime = 5000;

/**
 * A TensorBoard folder of one run, which every session of the run adds a file to. A run that goes on from a checkpoint first cuts
 * the files back to there, by the positions in `positions.jsonl`, so that nothing stands in them twice.
 */
export class EventFile {
  private readonly name: string;
  private readonly positions: string;
  private held: Buffer[] = [];
  private heldBytes = 0;
  private bytes = 0;
  private writtenAt: number;
  /** The first of the run's events that the folder doesn't hold. */
  readonly from: number;

  /**
   * @param sequence of the event that the run goes on with; 0 for a new run, which clears the folder
   * @param time milliseconds since 1970; TensorBoard reads a folder's files in the order of their names
   */
  constructor(
    private readonly folder: string,
    { sequence, time }: { readonly sequence: number; readonly time: number },
  ) {
    makeFolder(folder);
    this.positions = join(folder, 'positions.jsonl');
    const kept = this.cutBack(sequence);
    this.from = kept.at(-1)?.sequence ?? 0;
    this.name = `events.out.tfevents.${(time / 1000).toFixed(3)}.auxflow`;
    this.writtenAt = time;
    this.add(fileVersion(time), time);
    this.flush();
  }

  /** Adds one message; `time` as the constructor's. */
  add(event: Uint8Array, time: number): void {
    const framed = record(event);
    this.held.push(framed);
    this.heldBytes += framed.length;
    if (this.heldBytes > bufferSize || time - this.writtenAt > bufferTime) this.flush(time);
  }

  /** Writes down what is held back. */
  flush(time = this.writtenAt): void {
    appendFileSync(join(this.folder, this.name), Buffer.concat(this.held));
    this.bytes += this.heldBytes;
    this.held = [];
    this.heldBytes = 0;
    this.writtenAt = time;
  }

  /** Writes down what is held back, and how far that is: everything before the event `sequence`. */
  mark(sequence: number): void {
    this.flush();
    appendFileSync(this.positions, line({ sequence, file: this.name, bytes: this.bytes }));
  }

  private cutBack(sequence: number): readonly Position[] {
    const kept = this.marked().filter((position) => position.sequence <= sequence);
    const ends = new Map(kept.map(({ file, bytes }) => [file, bytes]));
    for (const file of readdirSync(this.folder)) {
      const end = ends.get(file);
      if (end !== undefined) truncateSync(join(this.folder, file), end);
      else if (file.startsWith('events.out.tfevents.')) rmSync(join(this.folder, file));
    }
    writeFileSync(this.positions, kept.map(line).join(''));
    return kept;
  }

  /** The positions up to which the files are really there: a power cut may have taken their ends. */
  private marked(): Position[] {
    if (!existsSync(this.positions)) return [];
    const sizes = new Map(readdirSync(this.folder).map((file) => [file, statSync(join(this.folder, file)).size]));
    const all = readFileSync(this.positions, 'utf8')
      .split('\n')
      .filter(isWhole)
      .map((text) => JSON.parse(text) as Position);
    const lost = all.findIndex(({ file, bytes }) => !((sizes.get(file) ?? -1) >= bytes));
    return lost < 0 ? all : all.slice(0, lost);
  }
}

const line = (position: Position): string => `${JSON.stringify(position)}\n`;

/** A killed process may have left half a line. */
const isWhole = (text: string): boolean => text.endsWith('}');
