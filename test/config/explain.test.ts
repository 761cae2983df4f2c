import { expect, it } from '@jest/globals';
import { z } from 'zod';
import { check } from '../../core/config/check.js';
import { fromObject } from '../../core/config/from-object.js';
import { Issues } from '../../core/config/issues.js';
import type { WrittenMap } from '../../core/config/written.js';
import { CsvConfig } from '../../plugins/datasets/csv.js';
import { MlflowConfig } from '../../plugins/trackers/mlflow.js';

/** What is said of `key` in a stage's configuration. */
function complaint(schema: z.ZodObject, config: object): string {
  const issues = new Issues();
  check(schema, fromObject(config, { path: [], base: '/' }, issues) as WrittenMap, { cwd: '/', issues });
  try {
    issues.throwIfAny();
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
}

it.each<[z.ZodType, unknown, string]>([
  [z.url(), 'notaurl', 'expected an address such as "https://example.org", got the text "notaurl"'],
  [z.email(), 'me', 'expected an e-mail address, got the text "me"'],
  [z.iso.date(), '2023-02-29', 'expected a date such as "2024-02-29", got the text "2023-02-29"'],
  [z.iso.datetime(), '12:00', 'expected a date and time such as "2024-02-29T12:00:00Z", got the text "12:00"'],
  [z.string().regex(/^\w+$/), 'a-b', 'expected text that matches /^\\w+$/, got the text "a-b"'],
  [z.string().regex(/^\w+$/), 3, 'expected text, got 3'],
  [z.string().startsWith('v'), '1', 'expected text that matches /^v.*/, got the text "1"'],
])('says what form text should have', (value, given, message) => {
  expect(complaint(z.strictObject({ value }), { value: given })).toBe(`value: ${message}`);
});

it.each([
  [MlflowConfig, { url: 'notaurl' }, 'url: expected an http(s) address, got the text "notaurl"'],
  [MlflowConfig, { url: 'ftp://localhost' }, 'url: expected an http(s) address, got the text "ftp://localhost"'],
  [MlflowConfig, { url: 3 }, 'url: expected an address such as "https://example.org", got 3'],
  [
    MlflowConfig,
    { url: 'http://localhost', token: 'my token' },
    'token: expected the name of an environment variable, got the text "my token"',
  ],
  [
    CsvConfig,
    { separator: '"' },
    'separator: expected a character that ends no line and is no quote, got the text "\\""',
  ],
])('of a built-in stage: %#', (schema, config, message) => {
  expect(complaint(schema, config)).toBe(message);
});
