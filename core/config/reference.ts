import { jsonSchema } from './json-schema.js';
import { expectation, type JsonSchema } from './expectation.js';
import { stageKeys, stageRoles, type StageKey } from './spec.js';
import { stageKinds, type Catalog, type StageKind } from '../plugins/index.js';

const code = (text: string): string => `\`${text}\``;

/** Every key of a pipeline file and of every stage in a catalog, as a page of Markdown. */
export function reference(catalog: Catalog): string {
  const { properties = {}, definitions } = jsonSchema(catalog) as JsonSchema & {
    readonly definitions: Readonly<Record<StageKind, JsonSchema>>;
  };
  const settings = Object.entries(properties).filter(([key]) => !(key in stageKeys) && key !== 'observers');
  const stages = stageKinds.map((kind) => [
    `## ${kind}`,
    `Under ${keysOf(kind).map(code).join(', ')}.`,
    ...(definitions[kind].oneOf ?? []).flatMap((stage) => [
      `### ${String((stage.properties!['use'] as JsonSchema)['const'])}`,
      sentence(stage.description!),
      ...table(
        Object.entries(stage.properties!).filter(([key]) => key !== 'use'),
        stage['required'] as string[],
      ),
    ]),
  ]);
  return `${[
    '# Configuration',
    'Every key of a pipeline file, as `auxflow schema --markdown` prints it. A stage is a map with `use` and the keys below its name; a bare name stands for a map with `use` alone.',
    '## Settings',
    ...table(settings, []),
    '## Stages',
    ['| key | kind | |', '| --- | --- | --- |', ...stageRows].join('\n'),
    ...stages.flat(),
  ].join('\n\n')}\n`;
}

const stageRows = Object.entries(stageKeys).map(
  ([key, kind]) => `| ${code(key)} | [${kind}](#${kind.toLowerCase()}) | ${stageRoles[key as StageKey]} |`,
);

const keysOf = (kind: StageKind): string[] => [
  ...Object.entries(stageKeys).flatMap(([key, of]) => (of === kind ? [key] : [])),
  ...(kind === 'observer' ? ['observers'] : kind === 'schedule' ? ['learningRate'] : []),
];

/** One row for each key; the keys of a map in rows of their own. */
function table(properties: readonly [string, JsonSchema | boolean][], required: readonly string[]): string[] {
  const rows = properties.flatMap(([key, schema]) => (typeof schema === 'object' ? rowsOf(key, schema, required) : []));
  if (rows.length === 0) return ['No keys.'];
  return [['| key | value | default | |', '| --- | --- | --- | --- |', ...rows].join('\n')];
}

function rowsOf(key: string, schema: JsonSchema, required: readonly string[]): string[] {
  const { properties, description = '' } = schema;
  if (properties) {
    return Object.entries(properties).flatMap(([inner, own]) =>
      typeof own === 'object' ? rowsOf(`${key}.${inner}`, own, []) : [],
    );
  }
  const fallback =
    'default' in schema ? code(JSON.stringify(schema['default'])) : required.includes(key) ? 'required' : '';
  return [`| ${code(key)} | ${cell(valueOf(schema))} | ${cell(fallback)} | ${cell(description)} |`];
}

/** What a key takes: a stage of a kind, or a plain value. */
function valueOf(schema: JsonSchema): string {
  const forms = schema.anyOf?.flatMap((form) => {
    const kind = /#\/definitions\/(\w+)/.exec(String(form['$ref']))?.[1];
    return kind === undefined ? (form.type === 'number' ? ['a number'] : []) : [`a stage of kind ${kind}`];
  });
  return forms && forms.length > 0 ? forms.join(' or ') : expectation(schema);
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
