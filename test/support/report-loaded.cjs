// Required before the program: tells at its end which of the package's files, and of its dependencies, it has loaded.
const {relative, resolve} = require('node:path')

const root = resolve(__dirname, '../..')
process.on('exit', () => {
  const files = Object.keys(require.cache)
    .map((path) => relative(root, path))
    .filter((path) => path !== relative(root, __filename))
  process.stderr.write(`\nloaded ${JSON.stringify(files)}`)
})
