import { Container, ContainerModule } from 'inversify';
import type { ServiceIdentifier } from 'inversify';
import type { ResolvedStage } from '../config/index.js';
import type { Scope } from '../engine/index.js';
import { StageConfig } from '../stages/index.js';
import { accountable, blame } from './blame.js';

/** Binds `token` to one instance of a resolved stage, made when it is first asked for and freed with `scope`. */
export const stageModule = <T>(
  token: ServiceIdentifier<T>,
  stage: ResolvedStage,
  run: Container,
  scope: Scope,
): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(token)
      .toDynamicValue(() => buildStage(stage, run, scope) as T)
      .inSingletonScope();
  });

/**
 * An instance of a resolved stage. Its nested stages are built first and stand in its `StageConfig`; everything else
 * that it injects comes from the run's container. What it throws is known to be its own.
 */
export function buildStage(stage: ResolvedStage, run: Container, scope: Scope): object {
  const nested = Object.entries(stage.nested).map(([key, inner]) => [key, buildStage(inner, run, scope)]);
  const container = new Container({ parent: run });
  container.bind(StageConfig).toConstantValue({ ...stage.config, ...Object.fromEntries(nested) });
  container.bind(stage.definition.implementation).toSelf().inTransientScope();
  try {
    const instance = container.get<object>(stage.definition.implementation);
    if (isDisposable(instance)) scope.own(instance);
    return accountable(instance, stage);
  } catch (error) {
    blame(error, stage);
    throw error;
  }
}

const isDisposable = (value: object): value is Disposable => Symbol.dispose in value;
