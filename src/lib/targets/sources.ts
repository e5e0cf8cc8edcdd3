/** Where a part of a connection comes from. */
export type Source =
  /** It stands in the URL. */
  | {kind: 'url'}
  /** A variable, `PGSSLMODE` say; `path` is the `.env` file, undefined for the process environment. */
  | {kind: 'variable'; variable: string; path?: string}
  /** A section of a service file. */
  | {kind: 'service'; service: string; path: string}
  /** A file of passwords. */
  | {kind: 'password_file'; path: string}
  /** A token of AWS's, made for each connection. */
  | {kind: 'iam'}
  /** The embedded server, which makes its URL itself. */
  | {kind: 'embedded'}
  | {kind: 'default'}

/** A value and where it comes from. */
export interface Setting {
  value: string
  source: Source
}

/** Finds by libpq's keyword (`host`, `sslmode`, …) what a URL leaves out. */
export type Fallback = (keyword: string) => Setting | undefined
