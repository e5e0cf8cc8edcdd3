// Puts imports off until what they bring is used: for most of a program that is never in one run. It is done on
// TypeScript compiled to CommonJS, whose files begin with `const x_1 = require('…')` for all that they may ever use;
// oclif's core comes like that, and our own files are made so.
import {readFileSync} from 'node:fs'
import {dirname, join, relative} from 'node:path'
import typescript from 'typescript'

/** What was made of each file: nearly every one is in two bundles, the whole program and its part. */
const made = new Map()

const required = /^(?:const|var) (\w+) = ((?:__import(?:Default|Star)\()?require\("[^"]+"\)\)?);$/gm
const exported = /^exports\.(\w+) = (__importStar\(require\("[^"]+"\)\));$/gm

export const lazyRequires = {
  name: 'lazy-requires',
  setup(build) {
    // In a namespace of their own, for package.json says of the files in src that they are ES modules.
    build.onResolve({filter: /^\.\/src\/.*\.ts$/}, ({path, resolveDir}) => ({
      path: join(resolveDir, path),
      namespace: 'source',
    }))
    build.onResolve({filter: /^\.{1,2}\/.*\.js$/, namespace: 'source'}, ({path, resolveDir}) => ({
      path: join(resolveDir, path.replace(/js$/, 'ts')),
      namespace: 'source',
    }))
    build.onLoad({filter: /.*/, namespace: 'source'}, ({path}) => ({
      contents: once(path, () =>
        commonJs(path, relative(join(build.initialOptions.absWorkingDir, 'dist'), dirname(path))),
      ),
      loader: 'js',
      resolveDir: dirname(path),
    }))
    build.onResolve({filter: /^\.\/import\.cjs$/}, ({path}) => ({path, external: true}))
    build.onLoad({filter: /@oclif[\\/]core[\\/]lib[\\/].*\.js$/}, ({path}) => ({
      contents: once(path, () => readFileSync(path, 'utf8')),
      loader: 'js',
    }))
  },
}

function once(path, read) {
  if (!made.has(path)) made.set(path, lazily(read()))
  return made.get(path)
}

function commonJs(path, sourceRoot) {
  const {ModuleKind, NewLineKind, ScriptTarget} = typescript
  const compilerOptions = {
    module: ModuleKind.CommonJS,
    target: ScriptTarget.ES2022,
    esModuleInterop: true,
    isolatedModules: true,
    inlineSourceMap: true,
    sourceRoot,
    newLine: NewLineKind.LineFeed,
  }
  const text = readFileSync(path, 'utf8').replaceAll('import.meta.url', 'importMetaUrl')
  return typescript.transpileModule(text, {fileName: path, compilerOptions}).outputText
}

function lazily(text) {
  // The newest Node that oclif was tested with is not our users' business: package.json has our own engines.
  // To sort ids that are plain letters, it would make a collator, which takes longer than the rest of a start.
  let lazy = text.replace(/^checkNodeVersion\(\);$/m, '').replace('a.id.localeCompare(b.id)', '(a.id < b.id ? -1 : 1)')
  // What a thread is to read takes as long as starting the thread.
  lazy = lazy.replace("await (0, promises_1.readFile)(path, 'utf8')", "(0, node_fs_1.readFileSync)(path, 'utf8')")
  // Compiled code that comes from a cache cannot import by itself.
  lazy = lazy.replace(/\bimport\((?=\(0, )/g, 'require("./import.cjs")(')
  for (const [line, name, value] of text.matchAll(required)) {
    const rest = lazy.replace(line, '')
    // In parentheses, for `new x_1().default()` would call the wrong one.
    const changed = rest.replace(
      new RegExp(String.raw`(?<![\w$'"]|(?<!\.\.)\.)${name}(?![\w$'"]|:)`, 'g'),
      `(${name}())`,
    )
    // A use that is not certain to be one, in a string say: then the import stays where it is.
    if (new RegExp(String.raw`\b${name}\b`).test(changed.replaceAll(`(${name}())`, ''))) continue
    // On the first line, so that the lines of stack traces stay.
    lazy = changed.replace(
      /^("use strict";)?/,
      (start) => `${start} function ${name}() { return ${name}.value ??= ${value}; }`,
    )
  }

  return lazy.replace(exported, 'Object.defineProperty(exports, "$1", {enumerable: true, get: () => $2});')
}
