import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** Builds the live page into dist/desktop, where the server looks for it. */
export default defineConfig({
  root: fileURLToPath(new URL('./src/desktop', import.meta.url)),
  build: {
    outDir: fileURLToPath(new URL('./dist/desktop', import.meta.url)),
    emptyOutDir: true,
    target: 'es2023',
    // Data URLs would need a hole in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
