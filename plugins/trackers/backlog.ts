/** What waits to be sent: added one by one, taken all at once. For one reader. */
export class Backlog<T> implements AsyncIterable<readonly T[]> {
  private items: T[] = [];
  private wake: () => void = () => undefined;
  private end!: () => void;
  private closed = false;
  /** Settles when nothing more comes. */
  readonly ended = new Promise<void>((resolve) => (this.end = resolve));

  add(item: T): void {
    this.items.push(item);
    this.wake();
  }

  close(): void {
    this.closed = true;
    this.end();
    this.wake();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<readonly T[]> {
    for (;;) {
      if (this.items.length > 0) yield this.items.splice(0);
      else if (this.closed) return;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}
