import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The package needs no settings. The port is the one that the local provider expects the app on.
const server = { port: 4402, strictPort: true };

export default defineConfig({ plugins: [react()], server, preview: server });
