// Runs a program in a session of its own, as su does: closing the terminal then sends it no signal. Ends as it ends.
const {spawn} = require('node:child_process')

process.on('SIGHUP', () => undefined)
spawn(process.execPath, process.argv.slice(2), {detached: true, stdio: 'inherit'}).on('exit', (code, signal) => {
  // Node itself would abort, since there is no terminal left to set back.
  process.removeAllListeners('SIGHUP')
  if (code === null) process.kill(process.pid, signal)
  else process.reallyExit(code)
})
