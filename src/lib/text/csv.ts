/** Renders rows as CSV (RFC 4180): lines end with CRLF, values with commas, quotes or line breaks are quoted, null is empty. */
export function renderCsv(rows: readonly (string | number | boolean | null)[][]): string {
  return rows.map((row) => `${row.map(field).join(',')}\r\n`).join('')
}

function field(value: string | number | boolean | null): string {
  const text = value === null ? '' : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
