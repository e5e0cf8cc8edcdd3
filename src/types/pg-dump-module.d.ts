/** Emscripten's loader of pg_dump, which the package keeps to itself and scripts/bundle.js takes out of it. */
declare module '@electric-sql/pglite-tools/pg-dump-module' {
  export interface PgDumpModule {
    HEAPU8: Uint8Array
    FS: {readFile(path: string): Uint8Array<ArrayBuffer>}
    addFunction(callback: (pointer: number, length: number) => number, signature: 'iii'): number
    /** Sets what libpq calls to receive and to send. */
    _pgl_set_rw_cbs(receive: number, send: number): void
    callMain(args: string[]): number
  }

  export interface PgDumpOptions {
    thisProgram: string
    print(line: string): void
    printErr(line: string): void
    /** Makes the instance in place of the loader, which else compiles the module. */
    instantiateWasm?: (
      imports: WebAssembly.Imports,
      done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
    ) => object
  }

  export function createPgDump(options: PgDumpOptions): Promise<PgDumpModule>
}
