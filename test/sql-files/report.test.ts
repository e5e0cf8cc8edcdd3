import textWidth from 'string-width'
import {describe, expect, it} from 'vitest'
import {ProgressLine} from '../../src/lib/text/progress-line.js'
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
    expect(progressLine({...progress, rows: 0}, 3)).not.toContain('row')
    const at = {file: 'sql/seed.sql', line: 12, lastLine: 12, seconds: 14}
    expect(progressLine({...progress, at}, 30)).toBe(
      'sql/seed.sql:12 for 14 s, 25%, 30 MB of 120 MB, 12,345 rows, 1.0 MB/s, 1 min left',
    )
    expect(progressLine({...progress, at: {...at, seconds: 1}}, 3)).not.toContain('seed')
    expect(progressLine({bytes: 50, totalBytes: 50, rows: 0, at: {...at, lastLine: 20}}, 30)).toBe(
      'sql/seed.sql:12-20 for 14 s',
    )
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
    result.end()
    expect(written.at(-1)).toBe('\r\u001b[K')
  })

  it.each([20, 60])('is cut to %i columns', (columns) => {
    const written: string[] = []
    let now = 0
    const stream = {isTTY: true, columns, write: (text: string) => written.push(text)}
    const line = new ProgressLine({stream, clock: () => now})
    now = 2000
    line.draw(() => '漢字'.repeat(50))
    line.end()
    expect(textWidth((written[0] ?? '').replace('\r\u001b[K', ''))).toBeLessThan(columns)
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
