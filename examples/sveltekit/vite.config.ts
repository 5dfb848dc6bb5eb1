import { sveltekit } from "@sveltejs/kit/vite";
import { defineConfig } from "vite";

// The package needs no settings. The local provider expects the app on this port.
const server = { port: 4402, strictPort: true };

export default defineConfig({ plugins: [sveltekit()], server, preview: server });
