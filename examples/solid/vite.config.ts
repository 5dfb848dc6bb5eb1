import { defineConfig } from "vite";
import solid from "vite-plugin-solid";

// The package needs no settings. The local provider expects the app on this port.
const server = { port: 4402, strictPort: true };

export default defineConfig({ plugins: [solid()], server, preview: server });
