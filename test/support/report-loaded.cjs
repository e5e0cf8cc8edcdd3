// Required before the program: tells at its end which files of the package it has loaded by require(), and which of Node's
// larger modules: pg needs crypto, as who connects with a password does.
const {relative, resolve} = require('node:path')

const root = resolve(__dirname, '../..')
const large = ['child_process', 'crypto']
const isLoaded = (name) => process.moduleLoadList.includes(`NativeModule ${name}`)
const before = large.filter(isLoaded)
process.on('exit', () => {
  const files = Object.keys(require.cache)
    .filter((path) => path !== __filename)
    .map((path) => relative(root, path))
  const modules = large.filter((name) => isLoaded(name) && !before.includes(name))
  process.stderr.write(`\nloaded ${JSON.stringify([...files, ...modules])}`)
})
