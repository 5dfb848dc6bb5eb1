import adapter from "@sveltejs/adapter-static";

// A single-page app: one page for every path, which the host serves for paths that it does not know.
export default { kit: { adapter: adapter({ fallback: "index.html" }) } };
