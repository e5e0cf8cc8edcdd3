/**
 * Stops the job at Ctrl-Z, which a terminal in raw mode leaves to the program, until the user's shell lets it go on. The
 * whole job: npm and npx, too, which would hold the terminal otherwise.
 */
export function suspendJob(goOn: () => void): void {
  if (process.platform === 'win32') return
  process.stdin.setRawMode(false)
  process.once('SIGCONT', () => {
    process.stdin.setRawMode(true)
    goOn()
  })
  process.kill(0, 'SIGTSTP')
}
