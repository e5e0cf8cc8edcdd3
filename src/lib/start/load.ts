import {readFileSync} from 'node:fs'
import {createRequire, Module} from 'node:module'
import {dirname, join} from 'node:path'
import {setFlagsFromString} from 'node:v8'
import {Script} from 'node:vm'
import type {Manifest} from '../cli/manifest.js'
import {isReplaced, packageRoot} from '../package-root.js'
import {keepCached, readCached} from '../private-cache.js'

export interface LoadOptions {
  /** Whether the command may run pg_dump, which is WebAssembly. */
  runsPgDump: boolean
}

/**
 * How much a function of WebAssembly may run before V8 compiles it again, optimized: 100 times the default. A dump is over
 * before that pays, and the process would wait at its end for the compiler, which took half of the time.
 */
const optimizeLate = '--wasm-tiering-budget=1300000000'

/** What dist/program.cjs exports. */
export interface Program {
  run: (argv: readonly string[], manifest: Manifest) => void
}

/**
 * Loads the program with what V8 has compiled of it before, a third of what a command takes. Node's own compile cache keeps
 * what was compiled when a file was loaded; this one keeps what has run, so there is one for each command. V8 checks that
 * it fits the file, this Node and its flags (https://nodejs.org/api/vm.html#scriptcreatecacheddata); where it does not, it
 * is written again. With `DEBUG` it is loaded as Node does it, so that stacks show the files of src.
 */
export function loadProgram(id: string, {runsPgDump}: LoadOptions): Program {
  const file = join(packageRoot(), 'dist', 'program.cjs')
  const require = createRequire(file)
  if (process.env['DEBUG']) {
    process.setSourceMapsEnabled(true)
    return require(file) as Program
  }

  // Before V8 reads the cache, which it refuses if the flags have changed since.
  if (runsPgDump) setFlagsFromString(optimizeLate)
  const command = id.replaceAll(':', '-')
  // Packages that few commands need have files of their own.
  const requireOwn = (path: string): unknown => {
    const own = /^\.\/(aws-\w+|pg-delta)\.cjs$/.exec(path)
    const sdk = own && join(dirname(file), path)
    if (sdk && require.cache[sdk] === undefined) require.cache[sdk] = loadCached(sdk, `${command}-${own[1]}`, require)
    return require(path)
  }
  return loadCached(file, command, Object.assign(requireOwn, require)).exports as Program
}

/** Loads a file of ours with what is kept of it under that name, and keeps it at the end otherwise. */
function loadCached(file: string, name: string, require: NodeJS.Require): Module {
  const root = dirname(file)
  const cache = {root, path: join(root, '.cache', `${process.version}-${process.arch}`, `${name}.bin`)}
  const cachedData = readCached(cache)
  const text = `(function(exports,require,module,__filename,__dirname){${readFileSync(file, 'latin1')}\n})`
  const script = new Script(text, {filename: file, cachedData})
  const module = new Module(file)
  const load = script.runInThisContext() as (...values: unknown[]) => void
  load(module.exports, require, module, file, root)
  module.loaded = true
  // At the end, when the functions that this command needs have been compiled.
  if (script.cachedDataRejected !== false) {
    process.once('exit', () => {
      // What was compiled of files that are gone does not fit those in their place.
      if (!isReplaced()) keepCached(cache, () => script.createCachedData())
    })
  }

  return module
}
