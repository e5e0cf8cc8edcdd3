import {SqlError} from '../errors.js'
import type {Opening} from './lexer.js'
import type {LineColumn} from './search.js'

/** `file:line:column`, which terminals and editors make a link of. */
export function placeText(file: string, {line, column}: LineColumn): string {
  return `${file}:${line}:${column}`
}

/** The error of a script that ends where it may not; `place` is where that which is open began. */
export function unterminated(file: string, opening: Opening | 'COPY data', place: LineColumn): SqlError {
  const what = opening === 'COPY data' ? 'in the data of the COPY that begins here' : `inside the ${opening} that opens here`
  const close = opening === 'COPY data' ? 'End the data with a line of its own that is \\.' : `Close the ${opening}.`
  return new SqlError(`${placeText(file, place)}: the file ends ${what}.`, {
    code: 'script_unterminated',
    next: [`${close} If the file was cut short, get it whole again.`],
    details: {file, line: place.line, column: place.column, opening},
  })
}

/** The error of bytes that Postgres takes in no text; `offset` is the byte's, from 0, in the file. */
export function faultInText(file: string, fault: 'nul' | 'utf8', place: LineColumn, offset: number, bytes: Buffer): SqlError {
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
  const utf16 = offset === 0 && /^(ff fe|fe ff)/.test(hex)
  const isNul = fault === 'nul'
  const what = isNul ? 'a NUL byte, which no Postgres text can hold' : `bytes that are not UTF-8 (${hex})`
  const next = isNul
    ? 'Remove the byte. If the file is a dump in the custom format, load it with pg_restore.'
    : `Save the file as UTF-8${utf16 ? ' (it looks like UTF-16)' : ''}; pg_dump writes it with --encoding=UTF8.`
  return new SqlError(`${placeText(file, place)}: the file has ${what}, at byte ${offset}.`, {
    code: isNul ? 'script_nul_byte' : 'script_not_utf8',
    next: [next],
    details: {file, line: place.line, column: place.column, byte: offset},
  })
}

/** The error of a line that goes on after COPY … FROM STDIN: what follows it would run after the data. */
export function gluedToCopy(file: string, place: LineColumn): SqlError {
  return new SqlError(`${placeText(file, place)}: nothing may follow COPY … FROM STDIN on its line.`, {
    code: 'script_copy_line',
    next: ['Put what follows it on a line of its own, after the data.'],
    details: {file, line: place.line, column: place.column},
  })
}
