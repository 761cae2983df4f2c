/** Owns what is registered with it and frees it in reverse order; freeing twice is harmless. */
export class Scope implements Disposable {
  private readonly owned: Disposable[] = [];

  /** Takes ownership of `resource` and hands it back. */
  own<T extends Disposable>(resource: T): T {
    this.owned.push(resource);
    return resource;
  }

  /** Runs `release` when the scope ends. */
  defer(release: () => void): void {
    this.owned.push({ [Symbol.dispose]: release });
  }

  /** Frees everything, also when one release throws; the first error is rethrown at the end. */
  [Symbol.dispose](): void {
    const errors: unknown[] = [];
    while (this.owned.length > 0) {
      try {
        this.owned.pop()![Symbol.dispose]();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
