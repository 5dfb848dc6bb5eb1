import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

// The package needs no settings. The port is the one that the local provider expects the app on.
const server = { port: 4402, strictPort: true };

export default defineConfig({ plugins: [vue()], server, preview: server });
