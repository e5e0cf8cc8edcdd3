// Puts imports off until what they bring is used: most of a program is never used in one run. What it gains is in
// docs/performance.md. Our own files are compiled to CommonJS by Babel, with its `lazy` option; oclif is CommonJS already,
// where a top-level `const x = require('…')` is put off in the same way.
import babel from '@babel/core'
import {transform} from 'esbuild'
import {readFileSync} from 'node:fs'
import {dirname, join, relative} from 'node:path'

const {types} = babel
const commonJs = ['@babel/plugin-transform-modules-commonjs', {lazy: () => true}]
const oclif = /node_modules[\\/]@oclif[\\/]core[\\/]lib[\\/].*\.js$/

/** For esbuild. */
export const lazyImports = {
  name: 'lazy-imports',
  setup(build) {
    const {absWorkingDir} = build.initialOptions
    // In a namespace of their own, for package.json says of the files in src that they are ES modules.
    build.onResolve({filter: /^\.\/src\/.*\.ts$/}, ({path, resolveDir}) => source(resolveDir, path))
    build.onResolve({filter: /^\.{1,2}\/.*\.js$/, namespace: 'source'}, ({path, resolveDir}) =>
      source(resolveDir, path.replace(/js$/, 'ts')),
    )
    build.onLoad({filter: /.*/, namespace: 'source'}, async ({path}) => {
      const contents = compiled.get(path) ?? compileSource(path, relative(join(absWorkingDir, 'dist'), path))
      compiled.set(path, contents)
      return {contents: await contents, loader: 'js', resolveDir: dirname(path)}
    })
    let count = 0
    build.onLoad({filter: oclif}, async ({path}) => {
      count += 1
      return {contents: await compile(readFileSync(path, 'utf8'), [lazyRequires]), loader: 'js'}
    })
    build.onEnd(({metafile = {inputs: {}}}) => {
      const inputs = Object.keys(metafile.inputs).filter((path) => path.includes('@oclif/core'))
      if (inputs.length > 0 && count === 0) throw new Error('oclif was bundled as it is: its folders have changed.')
    })
  },
}

const source = (folder, path) => ({path: join(folder, path), namespace: 'source'})

/** By the path: several bundles contain the same files, and compiling them is most of a build. */
const compiled = new Map()

async function compileSource(path, sourcefile) {
  const {code, map} = await transform(readFileSync(path, 'utf8'), {
    loader: 'ts',
    target: 'node20',
    define: {'import.meta.url': 'importMetaUrl'},
    sourcemap: 'external',
    sourcefile,
  })
  return compile(code, [commonJs], JSON.parse(map))
}

async function compile(text, plugins, inputSourceMap) {
  const options = {babelrc: false, configFile: false, compact: false, sourceMaps: inputSourceMap && 'inline'}
  const {code} = await babel.transformAsync(text, {...options, inputSourceMap, plugins})
  return code
}

/** A plugin of Babel. */
function lazyRequires() {
  return {
    visitor: {
      Program(program) {
        for (const statement of program.get('body')) {
          const [{id, init} = {}, ...others] = statement.node.declarations ?? []
          if (others.length > 0 || !types.isIdentifier(id) || !isRequire(init)) continue
          const {constant, referencePaths} = program.scope.getBinding(id.name)
          if (!constant) continue
          // In parentheses, for `new x().default()` would call the wrong one.
          const call = types.parenthesizedExpression(types.callExpression(types.identifier(id.name), []))
          for (const reference of referencePaths) reference.replaceWith(types.cloneNode(call))
          const value = types.memberExpression(types.identifier(id.name), types.identifier('value'))
          const result = types.returnStatement(types.assignmentExpression('??=', value, init))
          statement.replaceWith(types.functionDeclaration(id, [], types.blockStatement([result])))
        }
      },
    },
  }
}

/** `require('…')`, and what TypeScript puts around it. */
function isRequire(node) {
  if (!types.isCallExpression(node) || !types.isIdentifier(node.callee)) return false
  const {name} = node.callee
  return name === 'require' || (['__importDefault', '__importStar'].includes(name) && isRequire(node.arguments[0]))
}
