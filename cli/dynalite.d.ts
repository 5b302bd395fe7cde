/** The part of dynalite 4 that the embedded table uses; the package ships no types. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  function dynalite(options?: { createTableMs?: number; path?: string }): Server;

  // biome-ignore lint/style/noDefaultExport: the package has no other export
  export { dynalite as default };
}
