// Merges the code that the page's parts share into few files. cargo-leptos makes one file for each set of parts that
// share something, and most of those are tiny.
//
// A shared file exports nothing: it writes its functions to the table of the first file and its data to the memory,
// each at its own positions. So wasm-merge can merge several of them into one without a change of meaning.
//
//   node scripts/bundle.mjs FOLDER    merges the parts as cargo-leptos has made them; files that are merged already
// stay as they are
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

/**
 * The parts that a page loads at once, as in `frontend/src/parts.rs`: the code that they share is loaded at once, too.
 */
const AT_ONCE = ['timeline', 'sidebar', 'composer', 'notes', 'comforts'];
/** Largest size of a bundle before optimisation, in bytes after brotli. */
const BUNDLE_MAX = 13_000;

/** The size of a module without content, in bytes. */
const EMPTY = 8;

/** Some of the later tools cannot read the newest encoding of imports. */
const FEATURES = ['--all-features', '--disable-compact-imports'];

const folder = process.argv[2];
const loader = `${folder}/__wasm_split.______________________.js`;
const manifest = `${folder}/__wasm_split_manifest.json`;
let script = readFileSync(loader, 'utf8');

/** The entry of a shared file in the script: the parts that share it, its number, and the function that loads it. */
const SHARED = /\/\* (.*) \*\/\nconst __chunk_(\d+) = makeLoad\([\s\S]*?\n, \[\]\);\n/g;

const shared = [...script.matchAll(SHARED)].map(([, users, number]) => {
  const name = `chunk_${number}`;
  const isAtOnce = users.split(', ').some((user) => AT_ONCE.includes(user));
  return { name, isAtOnce, size: brotliCompressSync(readFileSync(`${folder}/${name}.wasm`)).length };
});
if (shared.length === 0) process.exit();

const all = [...bundled('soon', shared.filter(({ isAtOnce }) => isAtOnce)), ...bundled('asked', shared.filter(({ isAtOnce }) => !isAtOnce))];
const scratch = mkdtempSync(join(tmpdir(), 'natter-'));
try {
  for (const bundle of all) merge(bundle);
} finally {
  rmSync(scratch, { recursive: true });
}
// A shared file of nothing but unused functions leaves an empty module, which nobody has to load.
const empty = all.filter(({ name }) => statSync(`${folder}/${name}.wasm`).size <= EMPTY);
for (const { name } of empty) rmSync(`${folder}/${name}.wasm`);
const unused = new Set(empty.flatMap(({ files }) => files));
const bundles = all.filter((bundle) => !empty.includes(bundle));

const bundleOf = new Map(bundles.flatMap(({ name, files }) => files.map((file) => [file, name])));
const renamed = (names) => [...new Set(names.filter((name) => !unused.has(name)).map((name) => bundleOf.get(name) ?? name))];
const loaders = bundles.map(({ name }) => `const __${name} = makeLoad(() => {
    const src = fetch(new URL("./${name}.wasm", import.meta.url));
    return async (imports) => WebAssembly.instantiateStreaming(src, imports);
}, []);
`);
script = script.replace(SHARED, '');
script = script.replace(/^export const/m, `${loaders.join('')}export const`);
script = script.replace(/\[((?:__chunk_\d+(?:, )?)+)\]/g, (_, names) => `[${renamed(names.split(', ').map((name) => name.slice(2))).map((name) => `__${name}`).join(', ')}]`);
// The bundles find the common imports of all parts under this name.
script = script.replace('return sharedImports;', 'return { ...sharedImports, host: sharedImports.__wasm_split };');
// The page reports a part that failed to load, but may do so a moment later.
script = script.replace('console.error(e);', '');
script = script.replace(/^( *const src = fetch\(.*\));$/gm, '$1;\n    src.catch(() => {});');
writeFileSync(loader, script);
const parts = Object.entries(JSON.parse(readFileSync(manifest, 'utf8'))).map(([part, files]) => [part, renamed(files)]);
const atOnce = parts.filter(([part]) => AT_ONCE.includes(part)).flatMap(([, files]) => files);
// The server's build reads the list of files that a page loads at once.
writeFileSync(manifest, JSON.stringify({ ...Object.fromEntries(parts), 'at once': [...new Set(atOnce)] }, null, 2));
for (const { name } of shared) rmSync(`${folder}/${name}.wasm`);
console.log(`${shared.length} shared files became ${bundles.length}`);

/** Returns the files, largest first, each in the first bundle that has space for it. */
function bundled(name, files) {
  const bundles = [];
  for (const file of files.toSorted((a, b) => b.size - a.size)) {
    let bundle = bundles.find(({ size }) => size + file.size <= BUNDLE_MAX);
    if (!bundle) bundles.push((bundle = { name: `shared_${name}_${bundles.length + 1}`, size: 0, files: [] }));
    bundle.files.push(file.name);
    bundle.size += file.size;
  }
  return bundles;
}

/**
 * Makes one file. All inputs import the same memory, table and globals: they get them from one module that imports each
 * of them once.
 */
function merge({ name, files }) {
  const imports = new Map();
  for (const file of files) {
    const module = new WebAssembly.Module(readFileSync(`${folder}/${file}.wasm`));
    if (WebAssembly.Module.imports(module).every(({ name }) => imports.has(name))) continue;
    const text = execFileSync('wasm-dis', [...FEATURES, `${folder}/${file}.wasm`], { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] });
    for (const [, item, kind, type] of text.matchAll(/^ \(import "__wasm_split" "(\w+)" \((memory|table|global) \S+ (.*)\)\)$/gm)) imports.set(item, { kind, type });
  }
  const items = [...imports].map(([item, { kind, type }]) => `(import "host" "${item}" (${kind} $${item} ${type})) (export "${item}" (${kind} $${item}))`);
  const [text, host] = [join(scratch, 'host.wat'), join(scratch, 'host.wasm')];
  writeFileSync(text, `(module ${items.join('\n')})`);
  execFileSync('wasm-as', [...FEATURES, text, '-o', host]);
  const inputs = files.flatMap((file) => [`${folder}/${file}.wasm`, file]);
  const output = `${folder}/${name}.wasm`;
  execFileSync('wasm-merge', [...FEATURES, host, '__wasm_split', ...inputs, '-o', output]);
  // The merge needs these exports, the page does not.
  execFileSync('wasm-opt', [...FEATURES, '--remove-exports=*', '--remove-unused-module-elements', output, '-o', output], { stdio: ['ignore', 'ignore', 'pipe'] });
}
