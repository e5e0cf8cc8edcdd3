/** What Node has of WebAssembly and is used here; the types of Node have only its types. */
declare namespace WebAssembly {
  const Module: new (bytes: Uint8Array) => Module
  const Instance: new (module: Module, imports: Imports) => Instance
}
