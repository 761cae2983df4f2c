/** Characters of a value that MLflow takes. */
const longest = 6000;

/**
 * A configuration as MLflow's parameters: nested keys joined by points, values as text, lists and empty maps as JSON.
 * @example parameters({ optimizer: { use: 'sgd' }, psi: [2, 3] }) // optimizer.use: sgd, psi: [2,3]
 */
export function parameters(config: unknown, at = ''): { readonly key: string; readonly value: string }[] {
  if (config === undefined) return [];
  if (isMap(config) && Object.keys(config).length > 0) {
    return Object.entries(config).flatMap(([key, value]) => parameters(value, at === '' ? key : `${at}.${key}`));
  }
  const text = typeof config === 'string' ? config : JSON.stringify(config);
  return [{ key: mlflowName(at), value: text.slice(0, longest) }];
}

/** `name` with what MLflow takes in names. */
export const mlflowName = (name: string): string => name.replace(/[^\w\-. :/]/g, '_').slice(0, 250);

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
