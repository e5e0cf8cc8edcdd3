// npm run build:lambda [-- folder]: bundles the Cognito post-confirmation function into one minified ES module with a
// source map, by default in dist-lambda/. It includes its SQL statements, because a Lambda has no sql/ folder.
import {readFileSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {build} from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const sql = join(root, 'sql', 'users')
const texts = Object.fromEntries(
  readdirSync(sql).map((file) => [`users/${file.replace(/\.sql$/, '')}`, readFileSync(join(sql, file), 'utf8')]),
)

const statements = {
  name: 'statements',
  setup({onLoad}) {
    onLoad({filter: /[\\/]app[\\/]statement-files\.ts$/}, () => ({
      contents: `const texts = ${JSON.stringify(texts)}\nexport const readStatementFile = async (name) => texts[name]`,
    }))
  },
}

await build({
  entryPoints: [join(root, 'src', 'lambda', 'post-confirmation.ts')],
  outfile: join(process.argv[2] ?? join(root, 'dist-lambda'), 'post-confirmation.mjs'),
  bundle: true,
  minify: true,
  sourcemap: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  external: ['pg-native'],
  // pg is CommonJS and loads Node's modules with require.
  banner: {js: "import {createRequire} from 'node:module'; const require = createRequire(import.meta.url);"},
  plugins: [statements],
  logLevel: 'warning',
})
