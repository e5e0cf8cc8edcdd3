import {describe, expect, it} from 'vitest'
import {progressLine, ScriptReport} from '../../src/lib/sql-files/report.js'

function report(isTTY: boolean) {
  let now = 0
  const written: string[] = []
  const remarks: string[] = []
  const result = new ScriptReport({
    remark: (line) => remarks.push(line),
    warn: (text) => remarks.push(`warned: ${text}`),
    verbose: false,
    stream: {isTTY, write: (text) => written.push(text)},
    clock: () => now,
  })
  return {result, written, remarks, pass: (milliseconds: number) => (now += milliseconds)}
}

const progress = {bytes: 30_000_000, totalBytes: 120_000_000, rows: 12_345}

describe('progress', () => {
  it('is bytes, rows, rate and time left', () => {
    expect(progressLine(progress, 3)).toBe('25%, 30 MB of 120 MB, 12,345 rows, 10 MB/s, 9.0 s left')
    expect(progressLine({...progress, totalBytes: 0}, 3)).toBe('30 MB, 12,345 rows, 10 MB/s')
  })

  it('is drawn on a terminal, for work over a second, and taken away', () => {
    const {result, written, pass} = report(true)
    result.onProgress(progress)
    expect(written).toEqual([])
    pass(1500)
    result.onProgress(progress)
    pass(10)
    result.onProgress(progress)
    expect(written).toEqual([expect.stringContaining('25%')])
    result.erase()
    expect(written.at(-1)).toBe('\r\u001b[K')
  })

  it('is one line at the end otherwise', () => {
    const {result, written, remarks, pass} = report(false)
    pass(2000)
    result.onProgress(progress)
    result.onMessage({kind: 'notice', text: 'n'})
    result.onMessage({kind: 'warning', text: 'w'})
    expect(written).toEqual([])
    expect(remarks).toEqual(['warned: w'])
    expect(
      result.summary({statements: 2, rows: 1, bytes: 4_200_000, notices: 1, warnings: 1, transaction: 'one'}),
    ).toBe('2 statements, 1 row loaded, 4.2 MB in 2.0 s (2.1 MB/s), 1 warning, 1 notice (--verbose shows them).')
  })
})
