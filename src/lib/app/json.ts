declare const jsonShape: unique symbol

/** JSON text from Postgres, ready to send. `T` is the type of its parsed value. */
export type JsonText<T> = string & {readonly [jsonShape]?: T}

/** Parses a {@link JsonText}. Times stay text, with offset and microseconds. */
export function parseJson<T>(text: JsonText<T>): T {
  return JSON.parse(text) as T
}
