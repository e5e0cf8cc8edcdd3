import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import module from 'node:module'
import {basename, dirname, join} from 'node:path'
import {Script} from 'node:vm'
import {isReplaced} from '../package-root.js'

/** Node's own modules of CommonJS, of which its types do not tell all. */
interface NodeModule {
  exports: unknown
  filename: string
  loaded: boolean
}
type NodeModules = {
  new (id: string): NodeModule
  _cache: Record<string, NodeModule>
  createRequire: typeof module.createRequire
  enableCompileCache?: (folder: string) => unknown
}
const modules = module as unknown as NodeModules

/**
 * Requires one of our bundles with what V8 has compiled of it before, which is most of what a start would take. From
 * Node 22 on Node does that itself; before, it is done here, with one cache a `purpose`: a command and its functions.
 *
 * The cache lies with the bundles and is written by their owner alone: whoever could change it could change the program.
 * V8 checks that it fits this Node and its flags, and it is written anew where it does not; bundles that change have
 * another folder, since all of them are made anew together.
 */
export function requireCompiled(file: string, purpose: string): unknown {
  const folder = join(dirname(file), '.cache')
  if (modules.enableCompileCache !== undefined) {
    if (isOurs(dirname(file))) modules.enableCompileCache(folder)
    return modules.createRequire(file)(file)
  }

  const writable = isOurs(dirname(file))
  return load(file, join(folder, `${process.version}-${process.arch}`, purpose.replace(/[^\w-]/g, '-')), writable)
}

const before = Buffer.from('(function(exports,require,module,__filename,__dirname){')
const after = Buffer.from('\n})')

/** How the bundles name each other. */
const bundles = /^\.\/(vendor\/)?(?!import\.cjs$)[\w-]+\.cjs$/

function load(file: string, cache: string, writable: boolean): unknown {
  const known = modules._cache[file]
  if (known !== undefined) return known.exports
  const place = join(cache, `${basename(file)}.bin`)
  const cachedData = read(place)
  const script = new Script(wrapped(file), {filename: file, cachedData})
  const own = new modules(file)
  own.filename = file
  modules._cache[file] = own
  const native = modules.createRequire(file)
  const require = Object.assign(
    (id: string): unknown => (bundles.test(id) ? load(join(dirname(file), id), cache, writable) : native(id)),
    native,
  )
  const run = script.runInThisContext() as (...args: unknown[]) => void
  run.call(own.exports, own.exports, require, own, file, dirname(file))
  own.loaded = true
  // At the end, when the functions that this command needs have been compiled.
  if (writable && script.cachedDataRejected !== false)
    process.once('exit', () => write(place, script.createCachedData()))
  return own.exports
}

/** A bundle, which is ASCII, in the function that Node puts around a module; each copy of it would be a good part of a start. */
function wrapped(file: string): string {
  const descriptor = openSync(file, 'r')
  try {
    const {size} = fstatSync(descriptor)
    const text = Buffer.allocUnsafe(before.length + size + after.length)
    before.copy(text)
    readSync(descriptor, text, before.length, size, 0)
    after.copy(text, before.length + size)
    return text.toString('latin1')
  } finally {
    closeSync(descriptor)
  }
}

function read(place: string): Buffer | undefined {
  try {
    return readFileSync(place)
  } catch {
    return undefined
  }
}

/**
 * Beside and renamed, so that no one reads the half of it; a program that cannot keep it works all the same. What was
 * compiled of files that are gone is of no use to those in their place.
 */
function write(place: string, data: Buffer): void {
  if (isReplaced()) return
  const draft = `${place}.${process.pid}`
  try {
    mkdirSync(dirname(place), {recursive: true})
    writeFileSync(draft, data)
    renameSync(draft, place)
  } catch {
    rmSync(draft, {force: true})
  }
}

/** Root leaves nothing in a folder of someone else's, who could not remove it. */
function isOurs(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return process.getuid === undefined || statSync(folder).uid === process.getuid()
  } catch {
    return false
  }
}
