// The code of docs/recipes/http-clients.md, as modules.
import { readFile } from 'node:fs/promises';

const PAGE = new URL('../../../docs/recipes/http-clients.md', import.meta.url);

/** The names that a block declares at its top level. */
function namesIn(code) {
  const declarations = code.matchAll(/^(?:const (\w+)|(?:async )?function (\w+)|const \{([^}]+)\})/gm);
  return [...declarations].flatMap(([, name, fn, list]) => name ?? fn ?? list.split(',').map((one) => one.trim()));
}

/**
 * The first block below each heading of the page, as a module that exports everything it declares. Only the servers' URLs are replaced,
 * and `auth` is the global variable.
 */
export async function recipes(origin) {
  const text = await readFile(PAGE, 'utf8');
  const blocks = text.matchAll(/^## (.+)\n[^]*?^```js\n([^]*?)^```/gm);
  return new Map([...blocks].map(([, heading, code]) => {
    const own = code.replaceAll('https://api.example', origin).replaceAll('https://project.supabase.co', origin);
    return [heading, `${own}\nexport { ${namesIn(code).join(', ')} };\n`];
  }));
}

/** An esbuild plugin for imports such as `recipe:axios`. */
export const fromRecipes = (modules, folder) => ({
  name: 'recipes',
  setup(build) {
    build.onResolve({ filter: /^recipe:/ }, ({ path }) => ({ path: path.slice('recipe:'.length), namespace: 'recipe' }));
    build.onLoad({ filter: /./, namespace: 'recipe' }, ({ path }) => ({ contents: modules.get(path), resolveDir: folder }));
  },
});
