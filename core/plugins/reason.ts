/** The message of what a plugin has thrown. Not by `instanceof`: it may be another context's error, or nothing that is one. */
export function reasonOf(cause: unknown): string {
  const { message = String(cause) } = (cause ?? {}) as { readonly message?: string };
  return message;
}
