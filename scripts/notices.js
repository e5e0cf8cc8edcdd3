// The licenses of the packages that are bundled into dist/, which require that a bundle includes them.
import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'

/** The text of all licenses, each with its packages; `inputs` are the paths of files as in esbuild's metafiles. */
export function notices(root, inputs) {
  const folders = new Set(
    inputs.flatMap((path) => /.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0].replace(/^[\w-]+:/, '') ?? []),
  )
  const byText = new Map()
  for (const folder of [...folders].sort()) {
    const {name, version, text} = packageOf(join(root, folder))
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${version}`])
  }

  // dist/pg_dump.wasm, whose package has the license of its own code only.
  byText.set(readFileSync(join(root, 'scripts', 'postgres-license.txt'), 'utf8').trim(), ['pg_dump 18'])

  const rule = '-'.repeat(80)
  return [...byText].map(([text, names]) => `${[...new Set(names)].join(', ')}\n\n${text}\n`).join(`\n${rule}\n\n`)
}

function packageOf(folder) {
  const {name, version, license, author} = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const files = existsSync(folder)
    ? readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)\b/i.test(file))
    : []
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim().replaceAll('\r\n', '\n'))
  if (texts.length === 0 && license === undefined) throw new Error(`${name} is bundled and has no license`)
  return {
    name,
    version,
    text: texts.length > 0 ? texts.join('\n\n') : `${license}, by ${author?.name ?? author ?? 'its authors'}`,
  }
}
