import type { Params } from '../autodiff/index.js';

/** What must survive a restart of one thing: tensors, borrowed from it, and plain data that JSON keeps exactly. */
export interface Snapshot {
  readonly tensors: Params;
  readonly values: unknown;
}

/** What can be saved and put back; `restore` borrows the tensors it is given. */
export interface Resumable {
  snapshot(): Snapshot;
  restore(snapshot: Snapshot): void;
}

export const isResumable = (thing: object): thing is Resumable => 'snapshot' in thing && 'restore' in thing;

/** Several snapshots as one: the tensors of `part` are named `part/...`, its values stand under its name. */
export function joinSnapshots(parts: Readonly<Record<string, Snapshot>>): Snapshot {
  const entries = Object.entries(parts);
  const tensors = entries.flatMap(([part, snapshot]) =>
    Object.entries(snapshot.tensors).map(([name, tensor]) => [`${part}/${name}`, tensor]),
  );
  return {
    tensors: Object.fromEntries(tensors) as Params,
    values: Object.fromEntries(entries.map(([part, { values }]) => [part, values])),
  };
}

/** One part of what {@link joinSnapshots} joined; `undefined` where it has no such part. */
export function partOf({ tensors, values }: Snapshot, part: string): Snapshot | undefined {
  if (typeof values !== 'object' || values === null || !Object.hasOwn(values, part)) return undefined;
  const own = Object.entries(tensors).flatMap(([name, tensor]) =>
    name.startsWith(`${part}/`) ? [[name.slice(part.length + 1), tensor]] : [],
  );
  return { tensors: Object.fromEntries(own) as Params, values: (values as Record<string, unknown>)[part] };
}
