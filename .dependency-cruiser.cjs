// The arrows of the house: plugins -> core, and into a folder of core by its index only.
const { existsSync, readdirSync, readFileSync } = require('node:fs');

/** The other plugins that a plugin's manifest lists in `requires`. */
const required = (/** @type {string} */ plugin) => {
  const manifest = `plugins/${plugin}/plugin.ts`;
  const [, list = ''] = (existsSync(manifest) && /requires:\s*\[([^\]]*)\]/.exec(readFileSync(manifest, 'utf8'))) || [];
  return [...list.matchAll(/'([^']+)'/g)].map(([, name]) => name);
};

const plugins = readdirSync('plugins', { withFileTypes: true }).filter((entry) => entry.isDirectory());

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'core-stands-alone',
      comment: 'core knows no method by name: it imports neither plugins nor pipelines.',
      severity: 'error',
      from: { path: '^core/' },
      to: { path: '^(plugins|pipelines)/' },
    },
    {
      name: 'core-by-index',
      comment: "A folder of core is imported by its index.ts; its other files are that folder's own.",
      severity: 'error',
      from: { path: '^core/([^/]+)/' },
      to: { path: '^core/', pathNot: ['^core/$1/', '^core/[^/]+/index\\.ts$'] },
    },
    {
      name: 'plugins-use-core-by-index',
      comment: 'Plugins use what a folder of core exports in its index.ts.',
      severity: 'error',
      from: { path: '^plugins/' },
      to: { path: '^core/', pathNot: '^core/[^/]+/index\\.ts$' },
    },
    ...plugins.map(({ name }) => ({
      name: 'plugins-stand-apart',
      comment: 'A plugin imports another one only where its manifest (plugin.ts) lists that one in `requires`.',
      severity: /** @type {const} */ ('error'),
      from: { path: `^plugins/${name}/` },
      to: { path: '^plugins/', pathNot: [name, ...required(name)].map((allowed) => `^plugins/${allowed}/`) },
    })),
    {
      name: 'tests-stay-outside',
      comment: 'Nothing depends on tests.',
      severity: 'error',
      from: { pathNot: '^test/' },
      to: { path: '^test/' },
    },
    {
      name: 'one-engine',
      comment: "`import { tf } from '../engine/index.js'`: the engine is prepared first, and loaded once.",
      severity: 'error',
      from: { path: '^(core|plugins)/', pathNot: '^core/engine/' },
      to: { path: '@tensorflow/' },
    },
    {
      name: 'no-cycles',
      comment: 'Files that need each other (beyond their types) are one file, or lack a third.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'shipped-dependencies',
      comment: 'What is shipped needs packages from `dependencies`.',
      severity: 'error',
      from: { path: '^(core|plugins)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'resolvable',
      comment: 'Every import leads somewhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
