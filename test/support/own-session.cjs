// Runs a program in a new session, as su does, so that closing the terminal sends it no signal. Exits with its code.
const {spawn} = require('node:child_process')

process.on('SIGHUP', () => undefined)
spawn(process.execPath, process.argv.slice(2), {detached: true, stdio: 'inherit'}).on('exit', (code, signal) => {
  // Node would abort, because the terminal that it wants to restore is gone.
  process.removeAllListeners('SIGHUP')
  if (code === null) process.kill(process.pid, signal)
  else process.reallyExit(code)
})
