// Builds dist/ from src/, and oclif.manifest.json and the man page from it: without a manifest oclif imports every command at each
// start, and with a stale one it runs old code, so both are made together or not at all.
// The program is bundled, oclif's core included: reading some hundred small files is most of what a start costs.
import {execFileSync} from 'node:child_process'
import {mkdirSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {build} from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const manifest = join(root, 'oclif.manifest.json')

rmSync(join(root, 'dist'), {recursive: true, force: true})
rmSync(manifest, {force: true})
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {cwd: root, stdio: 'inherit'})

const common = {absWorkingDir: root, outbase: 'src', outdir: 'dist', bundle: true, format: 'esm', platform: 'node', target: 'node20', sourcemap: true, minifySyntax: true, minifyWhitespace: true, logLevel: 'warning'}
const commands = readdirSync(join(root, 'src', 'commands'), {recursive: true}).filter((file) => file.endsWith('.ts'))
await build({
  ...common,
  entryPoints: ['src/lib/cli/main.ts', 'src/lib/server/embedded-server.ts', 'src/lib/cli/surface.ts', ...commands.map((file) => join('src', 'commands', file))],
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  // oclif asks for TypeScript only where a checkout of it has commands that are not built.
  external: ['@aws-sdk/*', 'pg-native', 'typescript', 'ts-node', 'tsx'],
  // pg asks whether it runs at Cloudflare, and Node loads all of its fetch to answer.
  define: {navigator: 'undefined', Response: 'undefined'},
  // Packages in CommonJS call require for Node's own modules.
  banner: {js: "import {createRequire as bundleRequire} from 'node:module'; const require = bundleRequire(import.meta.url);"},
})
// The library shares pg with the application that imports it, so that their classes are the same.
await build({...common, entryPoints: ['src/index.ts'], packages: 'external'})

const {Plugin} = await import('@oclif/core')
const plugin = new Plugin({root, type: 'core', ignoreManifest: true, errorOnManifestCreate: true})
await plugin.load()
writeFileSync(manifest, JSON.stringify(plugin.manifest, null, 2))

const {manPage} = await import('./man.js')
mkdirSync(join(root, 'man'), {recursive: true})
writeFileSync(join(root, 'man', 'cruddur-db.1'), manPage())
