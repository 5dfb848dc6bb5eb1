/** The vault's module, compressed: the build inserts it. */
declare module "vault.wasm.gz" {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
