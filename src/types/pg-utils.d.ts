/** The part of pg that its own types leave out. */
declare module 'pg/lib/utils.js' {
  const utils: {
    /** A parameter as pg writes it: text, or bytes. */
    prepareValue(value: unknown): string | Buffer | null
  }
  export default utils
}
