import { cpSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import ts from 'typescript';
import { parse } from 'yaml';
import { loadPipeline } from '../core/config/index.js';
import { builtIn, controls, defaults } from '../plugins/built-in.js';
import { parity } from '../plugins/maxl/parity/main.js';
import { auxflow } from './cli/command-line.js';
import { Folder } from './config/folder.js';

const root = join(import.meta.dirname, '..');
const entry = join(root, 'plugins/index.ts');

interface Snippet {
  readonly language: string;
  readonly text: string;
  /** A snippet is a whole file where its first line is a comment with a file's name. */
  readonly file?: string;
}
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const snippets = [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, text]): Snippet => {
  const file = /^(?:#|\/\/) ([\w-]+\.\w+)\n/.exec(text!)?.[1];
  return { language: language!, text: text!, ...(file === undefined ? {} : { file }) };
});
const inLanguage = (language: string) => snippets.filter((snippet) => snippet.language === language);

/** A folder as the clone's root is to a reader who has written down every snippet and compiled those in TypeScript. */
const folder = new Folder({ 'package.json': '{ "type": "module" }' });
afterAll(() => folder[Symbol.dispose]());
symlinkSync(join(root, 'node_modules'), join(folder.path, 'node_modules'));
cpSync(join(root, 'pipelines'), join(folder.path, 'pipelines'), { recursive: true });
for (const { language, text, file } of snippets) {
  if (file === undefined) continue;
  folder.write(file, text);
  if (language === 'ts') folder.write(file.replace(/\.ts$/, '.js'), compiled(text));
}

function compiled(text: string): string {
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      experimentalDecorators: true,
    },
  });
  return outputText.replace("from 'auxflow'", `from '${entry}'`);
}

/** What is wrong with TypeScript files at the repository's root, of which there is only the text. */
function typeErrors(files: ReadonlyMap<string, string>): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root) as {
    options: ts.CompilerOptions;
  };
  const withPaths = { ...options, noEmit: true, paths: { auxflow: [entry] } };
  const host = ts.createCompilerHost(withPaths);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.readFile = (path) => files.get(path) ?? readFile(path);
  host.getSourceFile = (path, version, ...rest) => {
    const text = files.get(path);
    return text === undefined ? getSourceFile(path, version, ...rest) : ts.createSourceFile(path, text, version);
  };
  const program = ts.createProgram([...files.keys()], withPaths, host);
  return [...files.keys()]
    .map((path) => program.getSourceFile(path)!)
    .flatMap((source) => [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)])
    .map(({ file, start, messageText }) => {
      const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
      return `${file?.fileName ?? ''}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
}

const commands = inLanguage('bash').flatMap(({ text }) => text.split('\n').filter((line) => line.trim() !== ''));
/**
 * Those that set up, compile or test everything, which is done by whoever runs this; and those for a folder where the package is
 * installed, which test/integration/package.integration.ts runs.
 */
const elsewhere =
  /^(npm (start|test|run setup|install .*)$|npx tsc |npx auxflow setup$|node run\.js$|.* node_modules\/)/;
const quick = ['epochs=1', 'dataset.train=60', 'dataset.test=50'].flatMap((set) => ['--set', set]);

describe('README.md', () => {
  it('has snippets of every kind', () => {
    expect(inLanguage('ts').length).toBeGreaterThan(1);
    expect(inLanguage('yaml').length).toBeGreaterThan(1);
    expect(commands.length).toBeGreaterThan(5);
  });

  it.each(commands.filter((command) => !elsewhere.test(command)))(
    '%s',
    async (command) => {
      const [program, verb, ...words] = command.split(/\s+/);
      if (program === 'npx' && verb === 'auxflow') {
        const shorter: Partial<Record<string, readonly string[]>> = {
          run: [...quick, '--runs', join(folder.path, 'runs')],
          compare: [...quick, '--seeds', '1'],
        };
        const argv = [...words, ...(shorter[words[0]!] ?? [])];
        const { code, stderr } = await auxflow(argv, {
          plugins: builtIn,
          defaults,
          controls,
          cwd: folder.path,
          command: [process.execPath, join(root, 'bin/auxflow.js')],
        });
        expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
      } else if (command.startsWith('npm run parity -- ')) {
        const [, , file, ...options] = words;
        const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
        try {
          expect(await parity([join(root, file!), ...options], builtIn, defaults)).toBe(0);
        } finally {
          write.mockRestore();
        }
      } else {
        throw new Error(`no test knows how to run "${command}"`);
      }
    },
    120_000,
  );

  it('has TypeScript that compiles', () => {
    const files = inLanguage('ts').map(({ text }, i) => [join(root, `readme-${i}.ts`), text] as const);
    expect(typeErrors(new Map(files))).toEqual([]);
    const wrong = new Map([[join(root, 'wrong.ts'), "import { nothing } from 'auxflow';\nnothing();\n"]]);
    expect(typeErrors(wrong)).toHaveLength(1);
  }, 60_000);

  it.each(inLanguage('yaml').map((snippet, i) => [snippet.file ?? `YAML snippet ${i + 1}`, snippet] as const))(
    '%s is valid',
    async (_, { text, file }) => {
      expect(() => parse(text) as unknown).not.toThrow();
      if (file === undefined) return;
      const pipeline = await loadPipeline(file, { plugins: builtIn, defaults, cwd: folder.path });
      expect(pipeline.epochs).toBeGreaterThan(0);
    },
  );

  it('shows pictures and links to files that exist', () => {
    const targets = [...readme.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, target]) => target!);
    expect(targets.filter((target) => !ts.sys.fileExists(join(root, target)))).toEqual([]);
  });
});
