// The files of the program in dist/: what is read at a start is a good part of its time, so each run reads the parts that
// it needs. Every module is in one part alone, and the others take it from there: its classes are the same everywhere.
import {join, relative, sep} from 'node:path'

/** Each part's name, and what is in it: the first that fits has a module. */
const parts = [
  // What answers by itself, and what all failures look like.
  ['start', /^src\/lib\/(errors|package-root|target\/local-name|cli\/(code-cache|command-line|failure|format|help|hints|manifest|start|streams|style|suggestions|usage-sentence))\.ts$/],
  ['files', /^src\/(commands\/(init|schema\/load)|lib\/script\/(losses|scan)|lib\/operations\/(init|schema-loss)|lib\/postgres\/filled-tables)\.ts$/],
  ['setup', /^src\/(commands\/(cache|create|drop|protect|seed|setup|undo|unprotect)|lib\/script\/.*|lib\/cli\/script-.*|lib\/operations\/(build|create|discard|drop|lock-target|protect|run-sql-file|setup|setup-cache|swap|undo)|lib\/postgres\/(attributes|databases|early-login|lock|marked-database|own-databases|script-wire|seeded|server-databases|session-reset|starting|template))\.ts$/],
  ['shell', /^src\/(commands\/connect|lib\/cli\/shell\/.*|lib\/operations\/(connect|history-file|psql-prompt|psql-variables|session)|lib\/postgres\/sql-session)\.ts$/],
  ['watch', /^src\/lib\/(cli\/watch\/.*|operations\/watch-sessions)\.ts$/],
  ['kill', /^src\/(commands\/sessions\/kill|lib\/cli\/kill-table|lib\/operations\/kill-sessions|lib\/postgres\/end-sessions)\.ts$/],
  ['doctor', /^src\/(commands\/(doctor|target)|lib\/cli\/(layer-line|target-table)|lib\/operations\/(doctor.*|show-target)|lib\/postgres\/health)\.ts$/],
  ['aws', /^src\/(commands\/sg\/.*|lib\/aws\/.*|lib\/cli\/rule-line|lib\/operations\/(find-rules|open-security-group|update-security-group))\.ts$/],
  // Where its files lie is asked at each start.
  ['server', /^src\/(commands\/server\/.*|lib\/server\/(?!home).*|lib\/cli\/server-command)\.ts$/],
  ['activities', /^src\/(commands\/activity\/.*|lib\/app\/.*|lib\/postgres\/pool)\.ts$/],
  ['completion', /^src\/(commands\/completion|lib\/cli\/(completion\/.*|surface))\.ts$/],
  ['oclif', /^node_modules\/@oclif\/core\/lib\/(constraints|errors\/.*|execute|flush|help\/(?!util).*|main|parser\/(errors|help)|screen|ux\/.*)\.js$/],
  ['program', /^(src|node_modules\/@oclif\/core)\//],
]

/** Packages other than oclif's core stay with who imports them. */
const partOf = (id) => parts.find(([, fits]) => fits.test(id))?.[0]

/** The parts by name, each with what the others take from it, as esbuild's metafile of the whole has it. */
export function partsOf({inputs}) {
  const idOf = (path) => /(?:^|[/:])((?:src|node_modules\/@oclif\/core\/lib)\/.*)/.exec(path)?.[1]
  const taken = new Map(parts.map(([name]) => [name, new Set()]))
  for (const [path, {imports}] of Object.entries(inputs)) {
    for (const id of imports.map((imported) => idOf(imported.path))) {
      if (id !== undefined && partOf(id) !== partOf(idOf(path) ?? '')) taken.get(partOf(id)).add(id)
    }
  }

  return taken
}

/** What a part takes from another is a line that asks that one for it. */
export const otherParts = (part) => ({
  name: 'other-parts',
  setup(build) {
    const root = build.initialOptions.absWorkingDir
    const own = {own: true}
    build.onResolve({filter: /^(\.{1,2}(\/|$)|@oclif\/core$)/}, async ({path, resolveDir, namespace, kind, importer, pluginData}) => {
      if (namespace === 'part') return {path, external: true}
      if (pluginData === own || namespace === 'vendor') return undefined
      const resolved = await build.resolve(path, {resolveDir, namespace, kind, importer, pluginData: own})
      const id = relative(root, resolved.path).split(sep).join('/')
      return [part, undefined].includes(partOf(id)) ? resolved : {path: id, namespace: 'part'}
    })
    build.onLoad({filter: /.*/, namespace: 'part'}, ({path}) => ({contents: `module.exports = require("./${partOf(path)}.cjs")[${JSON.stringify(path)}]`}))
  },
})

/** The getters by which a part gives the modules named to the others. */
export const gettersOf = (ids) => [...ids].map((id) => `get ${JSON.stringify(id)}() { return require(${JSON.stringify(`./${id}`)}) }`).join(', ')
