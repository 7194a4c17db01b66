// Makes the page's download some 9 kB smaller (brotli), by means of wasm-opt:
// - the names by which WebAssembly and JavaScript call each other's functions become short in both files: wasm-bindgen
//   generates names such as `__wbg_send_d83d0891cf698779`, and hundreds of hashes do not compress;
// - exports that the page never uses are removed, with the code that only they need.
//
// The parts that are loaded later use the memory and the table of the first file alone, so they are only optimised
// again.
//
//   node scripts/shrink.mjs FOLDER    takes natter.wasm, natter.js and the parts; a name that is short already stays as
// it is
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Numbers of sections and kinds: https://webassembly.github.io/spec/core/binary/modules.html
const IMPORTS = 2;
const EXPORTS = 7;
const FUNCTION = 0;
const HEADER = 8; // bytes: the magic number and the version
/** The names that wasm-bindgen and the compiler generate. */
const LONG = /^(__wb|__externref|wasm_bindgen__|_ZN|_R)/;

/** Classes of streams, which Leptos' server functions export and the page never uses. */
const UNUSED = /^(__wbg_)?intounderlying/;

/** The features of WebAssembly that the compiler uses; a bundle does not declare them itself. */
const FEATURES = ['--enable-bulk-memory', '--enable-nontrapping-float-to-int', '--enable-reference-types', '--enable-multivalue'];

const folder = process.argv[2];
const wasm = readFileSync(`${folder}/natter.wasm`);
let script = readFileSync(`${folder}/natter.js`, 'utf8');

let at = HEADER;
const sections = [wasm.subarray(0, HEADER)];
while (at < wasm.length) {
  const start = at;
  const kind = wasm[at++];
  const end = number() + at;
  if (kind === IMPORTS) sections.push(section(kind, imports()));
  else if (kind === EXPORTS) sections.push(section(kind, exports()));
  else sections.push(wasm.subarray(start, end));
  at = end;
}
const short = Buffer.concat(sections);
if (short.equals(wasm)) process.exit();
const scratch = mkdtempSync(join(tmpdir(), 'natter-'));
const files = new Map([['natter.wasm', short]]);
for (const part of readdirSync(folder).filter((name) => /^(chunk|shared|split)_.*\.wasm$/.test(name))) {
  files.set(part, readFileSync(`${folder}/${part}`));
}
try {
  for (const [name, content] of files) files.set(name, await optimised(name, content));
} finally {
  rmSync(scratch, { recursive: true });
}
// After an interruption here `make` builds all of these files anew.
for (const [name, content] of files) writeFileSync(`${folder}/${name}`, content);
writeFileSync(`${folder}/natter.js`, script);
console.log(`natter.wasm: ${wasm.length} -> ${files.get('natter.wasm').length} bytes, and ${files.size - 1} parts`);

async function optimised(name, content) {
  const path = join(scratch, name);
  writeFileSync(path, content);
  try {
    execFileSync('wasm-opt', ['-Oz', '--converge', ...FEATURES, '--strip-producers', '--strip-target-features', path, '-o', path], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    throw new Error(`wasm-opt failed at ${name}: ${String(error.stderr ?? error).slice(0, 1_000)}`);
  }
  const after = readFileSync(path);
  await WebAssembly.compile(after);
  return after;
}

function imports() {
  const count = number();
  const entries = [encoded(count)];
  for (let i = 0; i < count; i++) {
    const module = text();
    const name = text();
    if (wasm[at++] !== FUNCTION) throw new Error(`${name} is no function: only functions are known here`);
    entries.push(coded(module), coded(renamed(name, `_${i.toString(36)}`, '(?<![.])')), Buffer.from([FUNCTION]), encoded(number()));
  }
  return entries;
}

function exports() {
  const entries = [];
  for (let count = number(), i = 0; i < count; i++) {
    const name = text();
    const kind = wasm[at++];
    const index = encoded(number());
    if (UNUSED.test(name)) continue;
    entries.push([coded(renamed(name, `$${i.toString(36)}`, '(?<=[\\w$]\\.)')), Buffer.from([kind]), index]);
  }
  return [encoded(entries.length), ...entries.flat()];
}

/** Returns the short name, and replaces the old one in the script wherever it follows `what`. */
function renamed(name, short, what) {
  if (!LONG.test(name)) return name;
  const parts = script.split(new RegExp(`(?<![\\w$])${what}${name}(?![\\w$])`));
  if (parts.length === 1) throw new Error(`the script does not name ${name}`);
  script = parts.join(short);
  return short;
}

function section(kind, parts) {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([kind]), encoded(content.length), content]);
}

/** Returns an unsigned number in LEB128. */
function number() {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = wasm[at++];
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
}

function encoded(value) {
  const bytes = [];
  for (; value > 0x7f; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return Buffer.from([...bytes, value]);
}

function text() {
  const length = number();
  at += length;
  return wasm.toString('utf8', at - length, at);
}

function coded(value) {
  const bytes = Buffer.from(value);
  return Buffer.concat([encoded(bytes.length), bytes]);
}
