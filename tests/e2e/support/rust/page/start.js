import init from './page.js';

window.root = new URL('./', import.meta.url).href;
await init({ module_or_path: new URL('./page_bg.wasm', import.meta.url) });
