// Makes the page's download some 9 kB smaller (brotli), and needs wasm-opt for it:
// - the names by which WebAssembly and JavaScript know each other's functions become short in both files: wasm-bindgen
//   calls them `__wbg_send_d83d0891cf698779`, and hundreds of hashes do not compress;
// - what the page exports and never uses goes, with all that only that needs.
//
//   node scripts/shrink.mjs FOLDER    with natter.wasm and natter.js; what is short already stays as it is
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Numbers of sections and kinds: https://webassembly.github.io/spec/core/binary/modules.html
const IMPORTS = 2;
const EXPORTS = 7;
const FUNCTION = 0;
const HEADER = 8; // bytes: the magic number and the version
/** Names that wasm-bindgen makes, and names of islands. Leptos finds an island by its name in the script, which stays. */
const LONG = /^(__wb|__externref|wasm_bindgen__)|_\d{15,20}$/;

/** Leptos brings its server functions, and they bring streams: classes that are exported although nobody uses them. */
const UNUSED = /^(__wbg_)?intounderlying/;

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
let after;
const scratch = mkdtempSync(join(tmpdir(), 'natter-'));
const next = join(scratch, 'natter.wasm');
try {
  writeFileSync(next, short);
  execFileSync('wasm-opt', ['-Oz', '--converge', '--strip-producers', '--strip-target-features', next, '-o', next], { stdio: ['ignore', 'ignore', 'pipe'] });
  after = readFileSync(next);
} catch (error) {
  throw new Error(`wasm-opt failed: ${String(error.stderr ?? error).slice(0, 1_000)}`);
} finally {
  rmSync(scratch, { recursive: true });
}
await WebAssembly.compile(after);
// `make` builds both anew when it was interrupted here.
writeFileSync(`${folder}/natter.wasm`, after);
writeFileSync(`${folder}/natter.js`, script);
console.log(`natter.wasm: ${wasm.length} -> ${after.length} bytes`);

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

/** The new name, by which the script knows it from now on, wherever the old one stands there behind `what`. */
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

/** An unsigned number in LEB128. */
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
