import adapter from "@sveltejs/adapter-static";
import { sveltekit } from "@sveltejs/kit/vite";
import { defineConfig } from "vite";

// The package needs no settings. The local provider expects the app on this port.
const server = { port: 4402, strictPort: true };

export default defineConfig({
  // A single-page app: one page for every path, which the host serves for paths that it does not know.
  plugins: [sveltekit({ adapter: adapter({ fallback: "index.html" }) })],
  server,
  preview: server,
});
