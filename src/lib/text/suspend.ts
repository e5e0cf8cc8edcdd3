const aloneMs = 100

/**
 * Stops the job at Ctrl-Z, which a terminal in raw mode leaves to the program, until the user's shell lets it go on. The
 * whole job: npm and npx, too, which would hold the terminal otherwise.
 */
export function suspendJob(goOn: () => void): void {
  if (process.platform === 'win32') return
  process.stdin.setRawMode(false)
  const resume = (): void => {
    clearTimeout(timer)
    process.off('SIGCONT', resume)
    process.stdin.setRawMode(true)
    goOn()
  }
  process.once('SIGCONT', resume)
  process.kill(0, 'SIGTSTP')
  // Without a shell, for example in a container, the signal does nothing and there is no SIGCONT.
  const timer = setTimeout(resume, aloneMs)
}
