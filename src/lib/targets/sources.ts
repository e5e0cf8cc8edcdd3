/** Where a part of a connection URL comes from. */
export type Source =
  | {kind: 'url'}
  /** A variable, for example `PGSSLMODE`; `path` is the `.env` file, undefined for the environment. */
  | {kind: 'variable'; variable: string; path?: string}
  /** A section of a service file. */
  | {kind: 'service'; service: string; path: string}
  | {kind: 'password_file'; path: string}
  /** A new AWS IAM token for each connection. */
  | {kind: 'iam'}
  /** The embedded server. */
  | {kind: 'embedded'}
  | {kind: 'default'}

export interface Setting {
  value: string
  source: Source
}

/** Supplies a part that the URL leaves out, by libpq's keyword (`host`, `sslmode`, …). */
export type Fallback = (keyword: string) => Setting | undefined
