import { decorate, inject, injectable, type Newable, type ServiceIdentifier } from 'inversify';

/**
 * Says what a stage's constructor is given, in order: for classes in plain JavaScript, which has no decorators. In TypeScript
 * `@injectable()` and `@inject(token)` say the same.
 * @example injects(MyLabels, StageConfig, Dataset)
 */
export function injects(implementation: Newable<object>, ...tokens: readonly ServiceIdentifier[]): void {
  decorate(injectable(), implementation);
  for (const [position, token] of tokens.entries()) decorate(inject(token), implementation, position);
}
