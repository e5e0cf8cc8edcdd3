// Loaded before the program: at the end it reports which files of the package and of its dependencies were loaded.
const {relative, resolve} = require('node:path')

const root = resolve(__dirname, '../..')
process.on('exit', () => {
  const files = Object.keys(require.cache)
    .map((path) => relative(root, path))
    .filter((path) => path !== relative(root, __filename))
  process.stderr.write(`\nloaded ${JSON.stringify(files)}`)
})
